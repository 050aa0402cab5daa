/* The first process of a container: starts one command, sees it end, and ends with the harness.
 *
 *   init STDIN SECCOMP LIMITS FOLDER [NAME=VALUE ...] -- PROGRAM ARGUMENT ...
 *
 * STDIN is a file for the command's standard input, or "-" for what the harness sends. SECCOMP is a file with
 * system-call filters in the kernel's format, each after its 4-byte length. LIMITS are the kernel's limits on each process, "NUMBER SOFT HARD " for each; the
 * engine's own ulimits would hold the engine's start of a container, too. FOLDER is the working folder: one that the
 * engine is told of would be root's. The command's environment is what is given here and nothing else.
 *
 * The container's own standard input is a lifeline: when the harness is gone, the kernel closes it and everything here
 * ends. With "-" it also carries the command's input, in frames of a 4-byte length and as many bytes; a length of 0
 * means that the input ends.
 *
 * On standard error a zero byte comes first, just before the command: nothing that a command says can come before it.
 * When every other process is dead come 9 bytes: a zero, the command's wait status, and its processor time in milliseconds.
 * So all of them can't be forged.
 *
 * It is free of any C library, so that one binary works above every root.
 */
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/seccomp.h>
#include <linux/signal.h>
#include <asm/errno.h>
#include <asm/unistd.h>
#include <poll.h>
#include <fcntl.h>
#include <stdint.h>

enum { FAILED = 70, NOT_STARTED = 127, KEPT = 1 << 28, MOST_STEPS = 4096, MOST_VARIABLES = 256, SIGNALS_BYTES = 8 };

static uint32_t filters[MOST_STEPS];
static char *environment[MOST_VARIABLES + 1];

static long call(long number, long a, long b, long c, long d)
{
    long result;
    register long fourth __asm__("r10") = d;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth)
                     : "rcx", "r11", "memory");
    return result;
}

static long length(const char *text)
{
    long count = 0;
    while (text[count])
        count++;
    return count;
}

static int equal(const char *one, const char *other)
{
    while (*one && *one == *other)
        one++, other++;
    return *one == *other;
}

static void say(const char *text)
{
    call(__NR_write, 2, (long)text, length(text), 0);
}

static __attribute__((noreturn)) void leave(int status)
{
    for (;;)
        call(__NR_exit_group, status, 0, 0, 0);
}

static __attribute__((noreturn)) void fail(const char *what)
{
    say(what);
    leave(FAILED);
}

static uint64_t number(const char **text)
{
    uint64_t value = 0;
    while (**text >= '0' && **text <= '9')
        value = 10 * value + (uint64_t)(*(*text)++ - '0');
    *text += **text == ' ';
    return value;
}

/* No limit can be raised above what the engine set. */
static void limit(const char *text)
{
    while (*text) {
        uint64_t which = number(&text), soft = number(&text), hard = number(&text), ceiling[2], wanted[2];
        if (call(__NR_prlimit64, 0, (long)which, 0, (long)ceiling) != 0)
            fail("can't read a limit");
        wanted[0] = soft < ceiling[1] ? soft : ceiling[1];
        wanted[1] = hard < ceiling[1] ? hard : ceiling[1];
        if (call(__NR_prlimit64, 0, (long)which, (long)wanted, 0) != 0)
            fail("can't set a limit");
    }
}

static long must_open(const char *path)
{
    long descriptor = call(__NR_open, (long)path, O_RDONLY | O_CLOEXEC, 0, 0);
    if (descriptor < 0)
        fail("can't open the input or the filter");
    return descriptor;
}

static __attribute__((noreturn)) void run(long input, long filter_bytes, const char *limits, uint64_t signals,
                                          char **program)
{
    uint32_t *one = filters, *end = filters + filter_bytes / (long)sizeof *filters;
    if (call(__NR_dup2, input, 0, 0, 0) < 0)
        fail("can't give the command its input");
    call(__NR_rt_sigprocmask, SIG_SETMASK, (long)&signals, 0, SIGNALS_BYTES);
    limit(limits);
    /* PR_SET_DUMPABLE of the parent came with the fork; execve restores the default */
    for (; one < end; one += 1 + *one / sizeof *one) {
        struct sock_fprog filter = {(unsigned short)(*one / sizeof(struct sock_filter)), (struct sock_filter *)(one + 1)};
        if (call(__NR_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (long)&filter, 0) != 0)
            fail("can't set a system-call filter");
    }
    call(__NR_write, 2, (long)"", 1, 0);
    call(__NR_execve, (long)program[0], (long)program, (long)environment, 0);
    say("can't start ");
    say(program[0]);
    say("\n");
    leave(NOT_STARTED);
}

/* Kill and reap all others, then say how the command ended. */
static __attribute__((noreturn)) void finish(uint32_t status, const struct rusage *used)
{
    uint64_t micro = (uint64_t)(used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000000 +
                     (uint64_t)(used->ru_utime.tv_usec + used->ru_stime.tv_usec);
    struct {
        char zero;
        uint32_t status, milliseconds;
    } __attribute__((packed)) trailer = {0, status, (uint32_t)(micro / 1000)};
    call(__NR_kill, -1, SIGKILL, 0, 0);
    while (call(__NR_wait4, -1, 0, 0, 0) > 0)
        ;
    call(__NR_write, 2, (long)&trailer, sizeof trailer, 0);
    leave(0);
}

static void reap(long command)
{
    struct rusage used;
    int status;
    long ended;
    while ((ended = call(__NR_wait4, -1, (long)&status, 1 /* WNOHANG */, (long)&used)) > 0)
        if (ended == command)
            finish((uint32_t)status, &used);
}

/* Read `count` bytes or fewer from the harness, or end with it. */
static long receive(void *into, long count)
{
    long got = call(__NR_read, 0, (long)into, count, 0);
    if (got <= 0)
        leave(FAILED);
    return got;
}

/* Pass input on to the command until one side ends. What the command doesn't read is kept: were it left to wait in the
 * engine, the engine wouldn't notice the harness's end. */
static __attribute__((noreturn)) void attend(long command, long signals, long output)
{
    static char kept[KEPT];
    char signal[128]; /* struct signalfd_siginfo, which isn't looked at */
    long from = 0, to = 0, last = 0;
    uint32_t frame = 0; /* bytes of the current frame that haven't been read */
    unsigned header = 0; /* bytes of the next frame's length that have */
    for (;;) {
        struct pollfd waits[3] = {
            {(int)signals, POLLIN, 0},
            {0, (short)(to < KEPT ? POLLIN : 0), 0},
            {from < to ? (int)output : -1, POLLOUT, 0},
        };
        if (call(__NR_poll, (long)waits, 3, -1, 0) < 0)
            continue;
        if (waits[0].revents) {
            call(__NR_read, signals, (long)signal, sizeof signal, 0);
            reap(command);
        }
        if (waits[2].revents) {
            long done = call(__NR_write, output, (long)kept + from, to - from, 0);
            if (done > 0)
                from += done;
            else if (done != -EAGAIN)
                from = to; /* a command that reads no more loses the rest, as from any pipe */
        }
        if (waits[1].revents & POLLIN) {
            if (frame == 0) {
                static char size[sizeof frame];
                header += (unsigned)receive(size + header, sizeof size - header);
                if (header == sizeof size) {
                    for (header = sizeof size; header > 0; header--)
                        frame = frame << 8 | (unsigned char)size[header - 1];
                    last = frame == 0;
                }
            } else {
                long got = receive(kept + to, frame < KEPT - to ? frame : KEPT - to);
                frame -= (uint32_t)got;
                to += output < 0 ? 0 : got;
            }
        } else if (waits[1].revents & (POLLHUP | POLLERR)) {
            leave(FAILED);
        }
        if (from == to) {
            from = to = 0;
            if (last && output >= 0) {
                call(__NR_close, output, 0, 0, 0);
                output = -1;
            }
        }
    }
}

__attribute__((noreturn, used)) static void start(long *stack)
{
    char **arguments = (char **)(stack + 1), **program;
    uint64_t child_ended = 1ull << (SIGCHLD - 1), pipe_broken = 1ull << (SIGPIPE - 1), blocked = child_ended | pipe_broken;
    uint64_t before = 0;
    long variables = 0, filter_bytes = 0, input, output = -1, signals, command;
    int pipe[2];

    if (stack[0] < 7)
        fail("usage: init STDIN SECCOMP LIMITS FOLDER [NAME=VALUE ...] -- PROGRAM ...");
    for (program = arguments + 5; *program && !equal(*program, "--"); program++) {
        if (variables == MOST_VARIABLES)
            fail("too many environment variables");
        environment[variables++] = *program;
    }
    if (!*program || !*++program)
        fail("no command");

    if (call(__NR_chdir, (long)arguments[4], 0, 0, 0) != 0)
        fail("can't enter the working folder");
    /* nobody but the kernel may look into this process */
    call(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0);
    call(__NR_rt_sigprocmask, SIG_BLOCK, (long)&blocked, (long)&before, SIGNALS_BYTES);
    signals = call(__NR_signalfd4, -1, (long)&child_ended, SIGNALS_BYTES, O_CLOEXEC);
    if (signals < 0)
        fail("can't watch for the command's end");
    input = must_open(arguments[2]);
    filter_bytes = call(__NR_read, input, (long)filters, sizeof filters, 0);
    call(__NR_close, input, 0, 0, 0);
    if (filter_bytes <= 0 || filter_bytes == sizeof filters)
        fail("can't read the system-call filters");
    if (!equal(arguments[1], "-")) {
        input = must_open(arguments[1]);
    } else {
        if (call(__NR_pipe2, (long)pipe, O_CLOEXEC, 0, 0) < 0)
            fail("can't make a pipe");
        input = pipe[0];
        output = pipe[1];
    }
    command = call(__NR_fork, 0, 0, 0, 0);
    if (command < 0)
        fail("can't start a process");
    if (command == 0)
        run(input, filter_bytes, arguments[3], before, program);
    call(__NR_close, input, 0, 0, 0);
    if (output >= 0)
        call(__NR_fcntl, output, F_SETFL, O_WRONLY | O_NONBLOCK, 0);
    attend(command, signals, output);
}

__asm__(".globl _start\n_start: xor %ebp, %ebp\nmov %rsp, %rdi\nand $-16, %rsp\ncall start\n");
