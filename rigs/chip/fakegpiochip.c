/*
 * A GPIO chip for programs on a machine without one: a library that, preloaded, stands in for /dev/gpiochip0.
 *
 * It answers the calls of the GPIO character device (ABI version 2) inside the process, so that the real
 * libgpiod, lgpio and gpiozero run on it unchanged. What is connected to the lines is driven from outside, by
 * datagrams to a socket. Environment:
 *
 *   FAKEGPIO_SOCK   path of the socket, which the chip makes when it is opened
 *   FAKEGPIO_REV    revision of the board, in hexadecimal, which gpiozero reads from the device tree
 *
 * Commands, each a datagram:
 *
 *   L LINE LEVEL               put a level (0 or 1) on an input; edges go to the program with CLOCK_MONOTONIC
 *   H DATA CLOCK NUMBER [RATE] connect a model of an HX711, with RATE conversions a second (default 10, at least 1)
 *   V NUMBER                   the number that the model's next conversions give
 *   S                          reply to the sender with the lines that the program holds, and the model's counters
 *
 * The model: DATA is low when a conversion is ready. Each rising edge of CLOCK shifts out a bit, the highest
 * first; the 25th ends the frame and raises DATA. CLOCK high for more than 60 us powers the converter down, after
 * which it takes four conversions to settle.
 *
 * What a kernel has and this has not: pulls, debouncing, other processes that hold a line.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <linux/gpio.h>

#define CHIP_PATH "/dev/gpiochip0"
#define REVISION_PATH "/proc/device-tree/system/linux,revision"
#define LINES 58
#define MAX_FD 4096
#define DEVICE_MAJOR 254
#define SUBSYSTEM_PATH "/sys/dev/char/254:0/subsystem"

/* A set of lines that the program has requested; its file descriptor is the reading end of a pipe. */
struct request {
	int events; /* writing end of the pipe */
	int count;
	uint32_t lines[GPIO_V2_LINES_MAX];
};

struct line {
	int outside; /* level that the outside world puts on it */
	int driven;  /* level that the program drives */
	int is_output;
	int owner; /* file descriptor of the request that holds it, 0 if none does */
	uint64_t flags;
	uint32_t events;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static char is_chip[MAX_FD];
static struct request *requests[MAX_FD];
static struct line lines[LINES];

static int (*real_ioctl)(int, unsigned long, ...);
static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

/* ---- lines; the lock is held ---- */

static void report_edge(int number, int level)
{
	struct line *line = &lines[number];
	uint64_t wanted = level ? GPIO_V2_LINE_FLAG_EDGE_RISING : GPIO_V2_LINE_FLAG_EDGE_FALLING;
	struct gpio_v2_line_event event = {
		.timestamp_ns = now_ns(),
		.id = level ? GPIO_V2_LINE_EVENT_RISING_EDGE : GPIO_V2_LINE_EVENT_FALLING_EDGE,
		.offset = number,
	};

	if (!line->owner || !(line->flags & wanted))
		return;
	event.seqno = event.line_seqno = ++line->events;
	/* A program that does not read loses events when the pipe is full, as with a kernel. */
	if (write(requests[line->owner]->events, &event, sizeof event) < 0)
		return;
}

static void set_outside(int number, int level)
{
	if (lines[number].outside == level)
		return;
	lines[number].outside = level;
	report_edge(number, level);
}

static int level_of(int number)
{
	return lines[number].is_output ? lines[number].driven : lines[number].outside;
}

static void configure(struct request *request, int fd, const struct gpio_v2_line_config *config)
{
	for (int i = 0; i < request->count; i++) {
		struct line *line = &lines[request->lines[i]];
		int level = 0;

		line->flags = config->flags;
		for (unsigned int k = 0; k < config->num_attrs; k++) {
			const struct gpio_v2_line_config_attribute *attribute = &config->attrs[k];

			if (!(attribute->mask >> i & 1))
				continue;
			if (attribute->attr.id == GPIO_V2_LINE_ATTR_ID_FLAGS)
				line->flags = attribute->attr.flags;
			if (attribute->attr.id == GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES)
				level = attribute->attr.values >> i & 1;
		}
		line->owner = fd;
		line->is_output = !!(line->flags & GPIO_V2_LINE_FLAG_OUTPUT);
		if (line->is_output)
			line->driven = level;
	}
}

/* ---- the model of an HX711; the lock is held ---- */

#define FRAME_BITS 24
#define POWER_DOWN_NS 60000
#define SETTLING_CONVERSIONS 4

static struct {
	int data, clock;
	double rate;
	uint32_t number; /* of the next conversion */
	uint32_t shift;	 /* what is left of the frame, the highest bit next */
	int bits;	 /* that were clocked out of the frame */
	int is_ready;
	int settling; /* conversions that are still to be thrown away */
	int clock_is_high;
	uint64_t high_since;
	unsigned long frames, pulses, power_downs;
} hx711 = {.data = -1, .clock = -1};

static void hx711_clock_rises(void)
{
	hx711.high_since = now_ns();
	hx711.pulses++;
	if (!hx711.is_ready)
		return;
	if (hx711.bits < FRAME_BITS) {
		set_outside(hx711.data, hx711.shift >> (FRAME_BITS - 1) & 1);
		hx711.shift <<= 1;
	} else if (hx711.bits == FRAME_BITS) {
		set_outside(hx711.data, 1);
		hx711.frames++;
	}
	hx711.bits++;
}

static void hx711_clock_falls(void)
{
	if (now_ns() - hx711.high_since <= POWER_DOWN_NS)
		return;
	hx711.power_downs++;
	hx711.is_ready = 0;
	hx711.bits = 0;
	hx711.settling = SETTLING_CONVERSIONS;
	set_outside(hx711.data, 1);
}

static void hx711_clock(int level)
{
	if (level && !hx711.clock_is_high)
		hx711_clock_rises();
	else if (!level && hx711.clock_is_high)
		hx711_clock_falls();
	hx711.clock_is_high = level;
}

static void hx711_convert(void)
{
	int frame_is_over = hx711.bits > FRAME_BITS;

	if (hx711.clock_is_high && now_ns() - hx711.high_since > POWER_DOWN_NS) {
		hx711.settling = SETTLING_CONVERSIONS;
	} else if (hx711.settling > 0) {
		hx711.settling--;
	} else if (frame_is_over || (hx711.bits == 0 && !hx711.clock_is_high)) {
		/* A conversion that nobody read gives way to the next, with a pulse on DATA. */
		if (hx711.is_ready && hx711.bits == 0)
			set_outside(hx711.data, 1);
		hx711.shift = hx711.number & 0xffffff;
		hx711.bits = 0;
		hx711.is_ready = 1;
		set_outside(hx711.data, 0);
	}
}

static void *hx711_run(void *unused)
{
	(void)unused;
	for (;;) {
		struct timespec period = {.tv_nsec = 0};

		pthread_mutex_lock(&lock);
		period.tv_sec = hx711.rate <= 1;
		period.tv_nsec = hx711.rate <= 1 ? 0 : (long)(1e9 / hx711.rate);
		hx711_convert();
		pthread_mutex_unlock(&lock);
		nanosleep(&period, NULL);
	}
	return NULL;
}

static void hx711_connect(int data, int clock, long number, double rate)
{
	int is_first = hx711.data < 0;
	pthread_t thread;

	hx711.data = data;
	hx711.clock = clock;
	hx711.number = number;
	hx711.rate = rate;
	set_outside(data, 1);
	if (is_first)
		pthread_create(&thread, NULL, hx711_run, NULL);
}

/* ---- the socket ---- */

static int is_line(int number)
{
	return number >= 0 && number < LINES;
}

static int write_status(char *text, size_t size)
{
	const char *separator = "";
	int length = snprintf(text, size, "{\"hx711\": {\"frames\": %lu, \"pulses\": %lu, \"power_downs\": %lu}, \"lines\": {",
			      hx711.frames, hx711.pulses, hx711.power_downs);

	for (int i = 0; i < LINES; i++) {
		if (!lines[i].owner)
			continue;
		length += snprintf(text + length, size - length, "%s\"%d\": \"%s%d\"", separator, i,
				   lines[i].is_output ? "out" : "in", level_of(i));
		separator = ", ";
	}
	return length + snprintf(text + length, size - length, "}}");
}

static void *listen_to_commands(void *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX}, sender;
	int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[4096];

	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	unlink(path);
	if (bind(listener, (void *)&address, sizeof address)) {
		perror("fakegpiochip: FAKEGPIO_SOCK");
		return NULL;
	}
	for (;;) {
		socklen_t sender_size = sizeof sender;
		ssize_t length = recvfrom(listener, text, sizeof text - 1, 0, (void *)&sender, &sender_size);
		int first, second;
		long number;
		double rate = 10;

		if (length <= 0)
			continue;
		text[length] = 0;
		pthread_mutex_lock(&lock);
		if (sscanf(text, "L %d %d", &first, &second) == 2 && is_line(first))
			set_outside(first, !!second);
		else if (sscanf(text, "H %d %d %ld %lf", &first, &second, &number, &rate) >= 3 && is_line(first) && is_line(second))
			hx711_connect(first, second, number, rate);
		else if (sscanf(text, "V %ld", &number) == 1)
			hx711.number = number;
		else if (text[0] == 'S')
			sendto(listener, text, write_status(text, sizeof text), 0, (void *)&sender, sender_size);
		else
			fprintf(stderr, "fakegpiochip: unknown command: %s\n", text);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void start_listening(void)
{
	static int is_started;
	char *path = getenv("FAKEGPIO_SOCK");
	pthread_t thread;

	if (is_started || !path)
		return;
	is_started = 1;
	pthread_create(&thread, NULL, listen_to_commands, path);
}

/* ---- what is called in place of the C library ---- */

static void find_real_functions(void)
{
	real_ioctl = dlsym(RTLD_NEXT, "ioctl");
	real_open = dlsym(RTLD_NEXT, "open");
	real_openat = dlsym(RTLD_NEXT, "openat");
	real_close = dlsym(RTLD_NEXT, "close");
	for (int i = 0; i < LINES; i++)
		lines[i].outside = 1; /* a line to which nothing is connected has its pull-up */
}

static void initialize(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_real_functions);
}

static int is_chip_path(const char *path)
{
	return path && !strcmp(path, CHIP_PATH);
}

static int open_chip(void)
{
	int fd = memfd_create("gpiochip0", MFD_CLOEXEC);

	if (fd >= MAX_FD) {
		real_close(fd);
		errno = EMFILE;
		return -1;
	}
	if (fd >= 0)
		is_chip[fd] = 1;
	start_listening();
	return fd;
}

static int open_revision(const char *revision)
{
	uint32_t bytes = htobe32(strtoul(revision, NULL, 16));
	int fd = memfd_create("revision", MFD_CLOEXEC);

	if (write(fd, &bytes, sizeof bytes) != sizeof bytes || lseek(fd, 0, SEEK_SET) != 0)
		return -1;
	return fd;
}

/* Whether a path is one of ours; if so, *fd is what opening it gives. */
static int opens_ours(const char *path, int *fd)
{
	const char *revision = getenv("FAKEGPIO_REV");

	initialize();
	if (is_chip_path(path))
		*fd = open_chip();
	else if (revision && path && !strcmp(path, REVISION_PATH))
		*fd = open_revision(revision);
	else
		return 0;
	return 1;
}

#define OPEN(NAME, PARAMETERS, CALL)                    \
	int NAME PARAMETERS                             \
	{                                               \
		mode_t mode = 0;                        \
		int fd;                                 \
                                                        \
		if (flags & (O_CREAT | O_TMPFILE)) {    \
			va_list rest;                   \
			va_start(rest, flags);          \
			mode = va_arg(rest, mode_t);    \
			va_end(rest);                   \
		}                                       \
		return opens_ours(path, &fd) ? fd : CALL; \
	}
OPEN(open, (const char *path, int flags, ...), real_open(path, flags, mode))
OPEN(open64, (const char *path, int flags, ...), real_open(path, flags, mode))
OPEN(openat, (int folder, const char *path, int flags, ...), real_openat(folder, path, flags, mode))
OPEN(openat64, (int folder, const char *path, int flags, ...), real_openat(folder, path, flags, mode))

/* libgpiod takes only a character device whose subsystem in sysfs is gpio. */
#define FILL_IN(STATUS)                                                \
	do {                                                           \
		memset(STATUS, 0, sizeof *(STATUS));                   \
		(STATUS)->st_mode = S_IFCHR | 0660;                    \
		(STATUS)->st_rdev = makedev(DEVICE_MAJOR, 0);          \
	} while (0)

#define STAT(NAME, TYPE)                                                \
	int NAME(const char *path, struct TYPE *status)                 \
	{                                                               \
		static int (*real)(const char *, struct TYPE *);        \
                                                                        \
		if (is_chip_path(path)) {                               \
			FILL_IN(status);                                \
			return 0;                                       \
		}                                                       \
		if (!real)                                              \
			real = dlsym(RTLD_NEXT, #NAME);                 \
		return real(path, status);                              \
	}
STAT(stat, stat)
STAT(lstat, stat)
STAT(stat64, stat64)
STAT(lstat64, stat64)

/* Programs that were built on a C library before 2.33 call these. */
#define VERSIONED_STAT(NAME)                                            \
	int NAME(int version, const char *path, struct stat *status)    \
	{                                                               \
		static int (*real)(int, const char *, struct stat *);   \
                                                                        \
		if (is_chip_path(path)) {                               \
			FILL_IN(status);                                \
			return 0;                                       \
		}                                                       \
		if (!real)                                              \
			real = dlsym(RTLD_NEXT, #NAME);                 \
		return real(version, path, status);                     \
	}
VERSIONED_STAT(__xstat)
VERSIONED_STAT(__lxstat)

char *realpath(const char *path, char *resolved)
{
	static char *(*real)(const char *, char *);

	if (!strcmp(path, SUBSYSTEM_PATH))
		return resolved ? strcpy(resolved, "/sys/bus/gpio") : strdup("/sys/bus/gpio");
	/* The first of two versions refuses to allocate; this is the one that programs are linked with. */
	if (!real)
		real = dlvsym(RTLD_NEXT, "realpath", "GLIBC_2.3");
	if (!real)
		real = dlsym(RTLD_NEXT, "realpath");
	return real(path, resolved);
}

char *__realpath_chk(const char *path, char *resolved, size_t size)
{
	(void)size;
	return realpath(path, resolved);
}

static void release(int fd)
{
	struct request *request = requests[fd];

	for (int i = 0; i < request->count; i++) {
		struct line *line = &lines[request->lines[i]];

		line->owner = 0;
		line->is_output = 0;
	}
	real_close(request->events);
	free(request);
	requests[fd] = NULL;
}

int close(int fd)
{
	initialize();
	if (fd >= 0 && fd < MAX_FD) {
		pthread_mutex_lock(&lock);
		is_chip[fd] = 0;
		if (requests[fd])
			release(fd);
		pthread_mutex_unlock(&lock);
	}
	return real_close(fd);
}

/* ---- requests of the program; the lock is held; each returns what ioctl() gives ---- */

static int refuse(int error)
{
	errno = error;
	return -1;
}

static int tell_chip(struct gpiochip_info *info)
{
	memset(info, 0, sizeof *info);
	strcpy(info->name, "gpiochip0");
	strcpy(info->label, "pinctrl-bcm2835");
	info->lines = LINES;
	return 0;
}

static int tell_line(struct gpio_v2_line_info *info)
{
	uint32_t number = info->offset;

	if (number >= LINES)
		return refuse(EINVAL);
	memset(info, 0, sizeof *info);
	info->offset = number;
	snprintf(info->name, sizeof info->name, "GPIO%u", number);
	info->flags = lines[number].owner ? lines[number].flags | GPIO_V2_LINE_FLAG_USED : GPIO_V2_LINE_FLAG_INPUT;
	return 0;
}

static int request_lines(struct gpio_v2_line_request *wanted)
{
	struct request *request;
	int ends[2];

	for (unsigned int i = 0; i < wanted->num_lines; i++)
		if (wanted->offsets[i] >= LINES || lines[wanted->offsets[i]].owner)
			return refuse(EBUSY);
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	request = calloc(1, sizeof *request);
	request->events = ends[1];
	request->count = wanted->num_lines;
	memcpy(request->lines, wanted->offsets, sizeof request->lines);
	requests[ends[0]] = request;
	configure(request, ends[0], &wanted->config);
	wanted->fd = ends[0];
	return 0;
}

static int get_values(const struct request *request, struct gpio_v2_line_values *values)
{
	values->bits = 0;
	for (int i = 0; i < request->count; i++)
		if (values->mask >> i & 1 && level_of(request->lines[i]))
			values->bits |= UINT64_C(1) << i;
	return 0;
}

static int set_values(const struct request *request, const struct gpio_v2_line_values *values)
{
	for (int i = 0; i < request->count; i++) {
		int number = request->lines[i];

		if (!(values->mask >> i & 1))
			continue;
		lines[number].driven = values->bits >> i & 1;
		if (number == hx711.clock)
			hx711_clock(lines[number].driven);
	}
	return 0;
}

static int answer(int fd, unsigned long command, void *argument)
{
	struct request *request = requests[fd];

	if (request) {
		switch (command) {
		case GPIO_V2_LINE_SET_CONFIG_IOCTL:
			configure(request, fd, argument);
			return 0;
		case GPIO_V2_LINE_GET_VALUES_IOCTL:
			return get_values(request, argument);
		case GPIO_V2_LINE_SET_VALUES_IOCTL:
			return set_values(request, argument);
		}
	} else {
		switch (command) {
		case GPIO_GET_CHIPINFO_IOCTL:
			return tell_chip(argument);
		case GPIO_V2_GET_LINEINFO_IOCTL:
			return tell_line(argument);
		case GPIO_V2_GET_LINE_IOCTL:
			return request_lines(argument);
		}
	}
	return refuse(ENOTTY);
}

int ioctl(int fd, unsigned long command, ...)
{
	va_list rest;
	void *argument;
	int result;

	va_start(rest, command);
	argument = va_arg(rest, void *);
	va_end(rest);
	initialize();
	if (fd < 0 || fd >= MAX_FD || (!is_chip[fd] && !requests[fd]))
		return real_ioctl(fd, command, argument);
	pthread_mutex_lock(&lock);
	/* libgpiod passes the command through an int, which extends its sign. */
	result = answer(fd, command & 0xffffffff, argument);
	pthread_mutex_unlock(&lock);
	return result;
}
