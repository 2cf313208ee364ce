/*
 * A diary of a folder: a library that, preloaded into a program, writes down what the program writes there.
 *
 * It changes nothing of what the program does. From the diary, diary.py makes what a loss of power at any moment may
 * leave on the disk. Environment:
 *
 *   DISK_FOLDER   folder whose files are watched, those in its subfolders too; an absolute path without links
 *   DISK_DIARY    file that the records are appended to
 *
 * A record is a head of seven numbers of 8 bytes, in the order of the machine, and then the names or bytes:
 *
 *   kind, time (ns of CLOCK_MONOTONIC), file (its inode), offset, extent, bytes of the path, bytes of the content
 *
 *   W  write       content at an offset of the file
 *   T  truncate    the file has as many bytes as the offset says
 *   S  sync        what the first "extent" bytes of the diary say of this file is on the disk
 *   U  unlink      the path is gone
 *   R  rename      the path is now that in the content
 *
 * A file that is mapped into memory, such as SQLite's index of a journal, is not watched.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static int diary = -1;

__attribute__((constructor)) static void open_diary(void)
{
    const char *name = getenv("DISK_DIARY");
    folder = getenv("DISK_FOLDER");
    if (name == NULL || folder == NULL)
        return;
    folder_length = strlen(folder);
    diary = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (diary < 0) {
        perror(name);
        abort();
    }
}

static void record(char kind, int64_t file, int64_t offset, int64_t extent, const char *path, const void *content,
                   size_t length)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    size_t path_length = path == NULL ? 0 : strlen(path);
    int64_t head[] = {kind, now.tv_sec * 1000000000LL + now.tv_nsec, file, offset, extent, (int64_t)path_length,
                      (int64_t)length};
    struct iovec parts[] = {{head, sizeof head}, {(void *)path, path_length}, {(void *)content, length}};
    if (writev(diary, parts, 3) != (ssize_t)(sizeof head + path_length + length))
        abort();
}

static int is_inside(const char *path)
{
    return strncmp(path, folder, folder_length) == 0 && path[folder_length] == '/';
}

/* Find the path of an open file in the folder, and its inode. */
static int find(int fd, char *path, int64_t *inode)
{
    char link[64];
    struct stat status;
    if (diary < 0 || fd == diary)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (!is_inside(path) || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
        return 0;
    *inode = (int64_t)status.st_ino;
    return 1;
}

/* Find the path of a name in a directory. */
static int place(int directory, const char *name, char *path)
{
    char parent[PATH_MAX] = ".", link[64];
    if (diary < 0)
        return 0;
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
        return is_inside(path);
    }
    if (directory == AT_FDCWD)
        snprintf(link, sizeof link, "/proc/self/cwd");
    else
        snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
    ssize_t length = readlink(link, parent, sizeof parent - 1);
    if (length < 0)
        return 0;
    parent[length] = 0;
    if (snprintf(path, PATH_MAX, "%s/%s", parent, name) >= PATH_MAX)
        return 0;
    return is_inside(path);
}

static ssize_t written(int fd, const void *content, size_t length, int64_t offset)
{
    char path[PATH_MAX];
    int64_t inode;
    if (!find(fd, path, &inode))
        return offset < 0 ? syscall(SYS_write, fd, content, length) : syscall(SYS_pwrite64, fd, content, length, offset);
    pthread_mutex_lock(&mutex);
    if (offset < 0)
        offset = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
    ssize_t result = syscall(SYS_pwrite64, fd, content, length, offset);
    int error = errno;
    if (result > 0) {
        record('W', inode, offset, 0, path, content, (size_t)result);
    }
    pthread_mutex_unlock(&mutex);
    errno = error;
    return result;
}

ssize_t pwrite(int fd, const void *content, size_t length, off_t offset)
{
    return written(fd, content, length, offset);
}

ssize_t pwrite64(int fd, const void *content, size_t length, off64_t offset)
{
    return written(fd, content, length, offset);
}

ssize_t write(int fd, const void *content, size_t length)
{
    char path[PATH_MAX];
    int64_t inode;
    if (!find(fd, path, &inode))
        return syscall(SYS_write, fd, content, length);
    ssize_t result = written(fd, content, length, -1);
    if (result > 0)
        lseek(fd, result, SEEK_CUR);
    return result;
}

static int truncated(int fd, int64_t length)
{
    char path[PATH_MAX];
    int64_t inode;
    int is_watched = find(fd, path, &inode);
    if (is_watched)
        pthread_mutex_lock(&mutex);
    int result = (int)syscall(SYS_ftruncate, fd, length), error = errno;
    if (is_watched) {
        if (result == 0)
            record('T', inode, length, 0, path, NULL, 0);
        pthread_mutex_unlock(&mutex);
    }
    errno = error;
    return result;
}

int ftruncate(int fd, off_t length)
{
    return truncated(fd, length);
}

int ftruncate64(int fd, off64_t length)
{
    return truncated(fd, length);
}

static int synchronised(int fd, long call)
{
    char path[PATH_MAX];
    int64_t inode;
    int is_watched = find(fd, path, &inode);
    int64_t before = is_watched ? lseek(diary, 0, SEEK_END) : 0;
    int result = (int)syscall(call, fd), error = errno;
    if (is_watched && result == 0) {
        pthread_mutex_lock(&mutex);
        record('S', inode, 0, before, path, NULL, 0);
        pthread_mutex_unlock(&mutex);
    }
    errno = error;
    return result;
}

int fsync(int fd)
{
    return synchronised(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return synchronised(fd, SYS_fdatasync);
}

int unlinkat(int directory, const char *name, int flags)
{
    char path[PATH_MAX];
    int is_watched = place(directory, name, path);
    if (is_watched)
        pthread_mutex_lock(&mutex);
    int result = (int)syscall(SYS_unlinkat, directory, name, flags), error = errno;
    if (is_watched) {
        if (result == 0)
            record('U', 0, 0, 0, path, NULL, 0);
        pthread_mutex_unlock(&mutex);
    }
    errno = error;
    return result;
}

int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int renameat2(int from, const char *before, int to, const char *after, unsigned flags)
{
    char path[PATH_MAX], target[PATH_MAX];
    int is_watched = place(from, before, path) && place(to, after, target);
    if (is_watched)
        pthread_mutex_lock(&mutex);
    int result = (int)syscall(SYS_renameat2, from, before, to, after, flags), error = errno;
    if (is_watched) {
        if (result == 0)
            record('R', 0, 0, 0, path, target, strlen(target));
        pthread_mutex_unlock(&mutex);
    }
    errno = error;
    return result;
}

int renameat(int from, const char *before, int to, const char *after)
{
    return renameat2(from, before, to, after, 0);
}

int rename(const char *before, const char *after)
{
    return renameat2(AT_FDCWD, before, AT_FDCWD, after, 0);
}
