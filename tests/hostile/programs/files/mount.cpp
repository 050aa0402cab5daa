// Mounts, leaves its root, or makes another one.
// verdict: accepted
bool attack()
{
    return mount("none", "/tmp", "tmpfs", 0, "") == 0 || mount("/", "/tmp", "", MS_BIND, "") == 0 ||
           mount("proc", "/tmp", "proc", 0, "") == 0 || umount2("/usr", MNT_DETACH) == 0 ||
           mount("", "/", "", MS_REMOUNT | MS_BIND, "") == 0 || chroot("/tmp") == 0 ||
           syscall(SYS_pivot_root, "/tmp", "/tmp") == 0;
}
