// Opens disks and memory, or makes nodes for them.
// verdict: accepted
#include <sys/sysmacros.h>
bool attack()
{
    for (const char *path : {"/dev/mem", "/dev/kmem", "/dev/port", "/dev/sda", "/dev/vda", "/dev/kvm", "/dev/fuse", "/dev/kmsg"})
        if (open(path, O_RDONLY) >= 0)
            return true;
    return mknod("/tmp/disk", S_IFBLK | 0666, makedev(254, 0)) == 0 && open("/tmp/disk", O_RDONLY) >= 0;
}
