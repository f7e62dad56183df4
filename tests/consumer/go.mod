module app

go 1.23

require github.com/libqcos/libqcos/bindings/go v0.1.0

replace github.com/libqcos/libqcos/bindings/go => ./qcos
