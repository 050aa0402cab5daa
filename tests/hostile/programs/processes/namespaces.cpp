// Makes namespaces in which it has every privilege, or enters those of others.
// verdict: accepted
bool attack()
{
    if (unshare(CLONE_NEWUSER) == 0 || unshare(CLONE_NEWNS) == 0 || unshare(CLONE_NEWNET) == 0)
        return true;
    return setns(open("/proc/1/ns/mnt", O_RDONLY), 0) == 0 || setns(open("/proc/1/ns/user", O_RDONLY), 0) == 0;
}
