module app

go 1.23

require qcos.example/qcos v0.1.0

replace qcos.example/qcos => ./qcos
