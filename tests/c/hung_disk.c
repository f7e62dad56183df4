/* Preloaded into a program: a disk that hangs. fsync, rename and pread wait while the file named by
 * HUNG_DISK is there; each writes a line to it first, so that a test sees who waits. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static void hang(const char *name) {
    const char *path = getenv("HUNG_DISK");
    const char *which = getenv("HUNG_CALL");
    if (!path || !which || strcmp(which, name) != 0) return;
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0) return;
    if (write(file, "x", 1) == 1) close(file);
    while (access(path, F_OK) == 0) usleep(20000);
}

int fsync(int fd) {
    hang("fsync");
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    return real(fd);
}

int rename(const char *from, const char *to) {
    hang("rename");
    int (*real)(const char *, const char *) =
        (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    return real(from, to);
}

ssize_t pread64(int fd, void *buffer, size_t size, off64_t offset) {
    hang("pread");
    ssize_t (*real)(int, void *, size_t, off64_t) =
        (ssize_t(*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
    return real(fd, buffer, size, offset);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    hang("rename");
    int (*real)(int, const char *, int, const char *) =
        (int (*)(int, const char *, int, const char *))dlsym(RTLD_NEXT, "renameat");
    return real(from_folder, from, to_folder, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    hang("rename");
    int (*real)(int, const char *, int, const char *, int) =
        (int (*)(int, const char *, int, const char *, int))dlsym(RTLD_NEXT, "linkat");
    return real(from_folder, from, to_folder, to, flags);
}
