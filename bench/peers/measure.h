/* What the C peers share: options of the form name=value, and one line of JSON about an operation. */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline void fail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

/* The value of name=value among the arguments; `otherwise` NULL: it is needed. */
static inline const char *option(char **arguments, const char *name, const char *otherwise) {
    const size_t length = strlen(name);
    for (; *arguments != NULL; arguments++) {
        if (strncmp(*arguments, name, length) == 0 && (*arguments)[length] == '=') {
            return *arguments + length + 1;
        }
    }
    if (otherwise == NULL) fail("missing option", name);
    return otherwise;
}

static inline uint64_t number(char **arguments, const char *name, const char *otherwise) {
    return strtoull(option(arguments, name, otherwise), NULL, 10);
}

static inline double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline double cpu_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* A line of /proc/self/status, such as "VmRSS:", in KiB. */
static inline long memory_kib(const char *name) {
    char line[256];
    long value = 0;
    FILE *status = fopen("/proc/self/status", "r");
    if (status == NULL) fail("/proc/self/status", "cannot be read");
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) value = strtol(line + strlen(name), NULL, 10);
    }
    fclose(status);
    return value;
}

struct measured {
    double seconds;
    double cpu;
    long rss_kib;
};

/* Forgets the peak of what came before. */
static inline struct measured measure(void) {
    FILE *peak = fopen("/proc/self/clear_refs", "w");
    if (peak != NULL) {
        fputs("5", peak);
        fclose(peak);
    }
    struct measured begun;
    begun.rss_kib = memory_kib("VmRSS:");
    begun.cpu = cpu_seconds();
    begun.seconds = now();
    return begun;
}

static inline int ascending(const void *a, const void *b) {
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Prints the line; `calls` are the seconds that each of `count` small calls took, or NULL. */
static inline void report(struct measured begun, double *calls, size_t count) {
    const double seconds = now() - begun.seconds, cpu = cpu_seconds() - begun.cpu;
    printf(
        "{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"rss_before_kib\": %ld, \"rss_peak_kib\": %ld",
        seconds, cpu, begun.rss_kib, memory_kib("VmHWM:"));
    if (calls != NULL && count > 0) {
        qsort(calls, count, sizeof *calls, ascending);
        printf(", \"p50_us\": %.2f, \"p99_us\": %.2f, \"calls_per_s\": %.1f",
               calls[count / 2] * 1e6, calls[count * 99 / 100] * 1e6, (double)count / seconds);
    }
    printf("}\n");
}

#endif
