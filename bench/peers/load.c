/* What it costs to load a library: the time of dlopen, the memory, and the libraries that come with it.
 *
 *     load library=PATH
 */
#include <dlfcn.h>
#include <sys/stat.h>

#include "measure.h"

#define MOST 256

static char seen[MOST][256];
static size_t count;

/* Notes the shared objects of this process that were not noted yet; their bytes, and those of the one that
 * was asked for. */
static uint64_t note_libraries(const char *asked, uint64_t *own) {
    char line[512], path[256];
    uint64_t bytes = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (maps == NULL) fail("/proc/self/maps", "cannot be read");
    while (fgets(line, sizeof line, maps) != NULL) {
        struct stat about;
        size_t i = 0;
        if (sscanf(line, "%*s %*s %*s %*s %*s %255[^\n]", path) != 1) continue;
        if (strstr(path, ".so") == NULL) continue;
        while (i < count && strcmp(seen[i], path) != 0) i++;
        if (i < count || count == MOST) continue;
        strcpy(seen[count++], path);
        if (stat(path, &about) != 0) continue;
        bytes += (uint64_t)about.st_size;
        if (strstr(path, asked) != NULL) *own = (uint64_t)about.st_size;
    }
    fclose(maps);
    return bytes;
}

int main(int argc, char **argv) {
    if (argc < 2) fail("load", "which library?");
    const char *name = option(argv, "library", NULL), *last = strrchr(name, '/');
    const char *asked = last == NULL ? name : last + 1;
    uint64_t own = 0;
    note_libraries(asked, &own);
    const size_t before = count;
    const struct measured begun = measure();
    void *library = dlopen(name, RTLD_NOW);
    const double seconds = now() - begun.seconds;
    if (library == NULL) fail("dlopen", dlerror());
    const long peak = memory_kib("VmHWM:");
    const uint64_t bytes = note_libraries(asked, &own);
    printf(
        "{\"seconds\": %.6f, \"cpu_seconds\": %.6f, \"rss_before_kib\": %ld, \"rss_peak_kib\": %ld, "
        "\"libraries\": %zu, \"bytes\": %llu, \"library_bytes\": %llu}\n",
        seconds, cpu_seconds() - begun.cpu, begun.rss_kib, peak, count - before,
        (unsigned long long)bytes, (unsigned long long)own);
    return 0;
}
