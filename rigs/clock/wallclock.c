/*
 * A wall clock that a test can set: a library that, preloaded, adds an offset to the date of one program.
 *
 * It changes what clock_gettime, gettimeofday and time say about the date, and nothing else: every other clock, every
 * wait and the machine itself stay as they are. Environment:
 *
 *   WALLCLOCK_FILE   file with the offset in ns, 8 bytes in the order of the machine, which may change at any time
 *
 * A program without this variable has the date of the machine.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static const volatile int64_t *offset;

__attribute__((constructor)) static void open_file(void)
{
    const char *file = getenv("WALLCLOCK_FILE");
    if (file == NULL)
        return;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    void *memory = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        perror(file);
        abort();
    }
    close(fd);
    offset = memory;
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && offset != NULL && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t ns = time->tv_nsec + *offset % SECOND, carry = ns < 0 ? -1 : ns / SECOND;
        time->tv_sec += *offset / SECOND + carry;
        time->tv_nsec = ns - carry * SECOND;
    }
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *seconds)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (seconds != NULL)
        *seconds = now.tv_sec;
    return now.tv_sec;
}
