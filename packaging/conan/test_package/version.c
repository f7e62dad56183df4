#include <qcos.h>
#include <stdio.h>

int main(void) {
    printf("libqcos %s\n", qcos_version());
    return qcos_version_number() == QCOS_VERSION_NUMBER ? 0 : 1;
}
