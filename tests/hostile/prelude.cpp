// What most hostile programs start with. A program defines attack(), which says whether it got what it wanted; the right
// answer is twice the input, and a breach shows as another one.
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <initializer_list>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static int n;

bool attack();

// Whether a file can be opened for reading and isn't empty.
[[maybe_unused]] static bool readable(const char *path)
{
    char byte;
    int file = open(path, O_RDONLY | O_NONBLOCK);
    return file >= 0 && read(file, &byte, 1) == 1;
}

[[maybe_unused]] static bool writable(const char *path)
{
    return open(path, O_WRONLY | O_NONBLOCK) >= 0;
}

// Whether a file that can be read holds a text.
[[maybe_unused]] static bool holds(const char *path, const char *text)
{
    static char data[1 << 20];
    int file = open(path, O_RDONLY | O_NONBLOCK);
    if (file < 0)
        return false;
    ssize_t size = read(file, data, sizeof data);
    close(file);
    return size > 0 && memmem(data, size, text, strlen(text));
}

int main()
{
    if (scanf("%d", &n) != 1)
        return 9;
    if (attack())
        puts("BREACH");
    else
        printf("%d\n", 2 * n);
}
#line 1
