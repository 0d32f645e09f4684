/* Counts the calls that change files below a folder, and makes one of them, or all from one on, go wrong.
   Loaded with LD_PRELOAD, so that it reaches every library of a process; Linux alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FAIL_ONCE, FAIL_FOR_GOOD, KILL, CUT_POWER };

static char folder[PATH_MAX], mark[PATH_MAX];
static long calls, first = LONG_MAX;
static int way, error;

/* What a power cut would leave of each file: the bytes that were flushed. */
static struct { char path[PATH_MAX]; off_t flushed; } files[64];
static int known;

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

/* From now on the nth call below a folder goes wrong in some way; the file `struck` is made when it does. */
void faults_arm(const char *below, const char *struck, long nth, int how, int error_number) {
    strncpy(folder, below, PATH_MAX - 1);
    strncpy(mark, struck, PATH_MAX - 1);
    first = nth, way = how, error = error_number, calls = 0, known = 0;
}

static int is_below(const char *path) { return *folder && !strncmp(path, folder, strlen(folder)); }

static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    return is_below(path);
}

static off_t *flushed(const char *path) {
    for (int i = 0; i < known; i++)
        if (!strcmp(files[i].path, path)) return &files[i].flushed;
    struct stat found;
    strcpy(files[known].path, path);
    files[known].flushed = stat(path, &found) ? 0 : found.st_size;
    return &files[known++].flushed;
}

static void moved(const char *from, const char *to) {
    off_t size = *flushed(from);
    *flushed(to) = size;
    *flushed(from) = 0;
}

static void die(void) {
    if (way == CUT_POWER)
        for (int i = 0; i < known; i++) {
            struct stat found;
            if (!stat(files[i].path, &found) && S_ISREG(found.st_mode) && found.st_size > files[i].flushed)
                truncate(files[i].path, files[i].flushed);
        }
    raise(SIGKILL);
}

/* Count a call; whether it must fail. */
static int fails(void) {
    if (++calls < first || (way == FAIL_ONCE && calls > first)) return 0;
    if (calls == first) close(creat(mark, 0600));
    if (way == KILL || way == CUT_POWER) die();
    errno = error;
    return 1;
}

static int opened(const char *path, int flags) {
    if (!(flags & O_CREAT) || !is_below(path)) return 0;
    flushed(path);
    return fails();
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        return opened(path, flags) ? -1 : REAL(name)(path, flags, mode); \
    }
OPEN(open) OPEN(open64)
#define OPENAT(name) \
    int name(int at, const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        return opened(path, flags) ? -1 : REAL(name)(at, path, flags, mode); \
    }
OPENAT(openat) OPENAT(openat64)

ssize_t write(int fd, const void *bytes, size_t size) {
    char path[PATH_MAX];
    if (!path_of(fd, path)) return REAL(write)(fd, bytes, size);
    flushed(path);
    if (calls + 1 == first && way != FAIL_ONCE && size > 1) REAL(write)(fd, bytes, size / 2);
    return fails() ? -1 : REAL(write)(fd, bytes, size);
}

int fsync(int fd) {
    char path[PATH_MAX];
    if (!path_of(fd, path)) return REAL(fsync)(fd);
    if (fails()) return -1;
    struct stat found;
    if (!fstat(fd, &found)) *flushed(path) = found.st_size;
    return REAL(fsync)(fd);
}

#define TRUNCATE(name, size_type) \
    int name(int fd, size_type size) { \
        char path[PATH_MAX]; \
        return path_of(fd, path) && fails() ? -1 : REAL(name)(fd, size); \
    }
TRUNCATE(ftruncate, off_t) TRUNCATE(ftruncate64, off64_t)

int rename(const char *from, const char *to) {
    if (!is_below(to)) return REAL(rename)(from, to);
    if (fails()) return -1;
    moved(from, to);
    return REAL(rename)(from, to);
}

int unlink(const char *path) { return is_below(path) && fails() ? -1 : REAL(unlink)(path); }
