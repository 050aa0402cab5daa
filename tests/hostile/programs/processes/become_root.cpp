// Becomes another user, or takes privileges.
// verdict: accepted
bool attack()
{
    gid_t group = 0;
    if (setuid(0) == 0 || setgid(0) == 0 || setresuid(0, 0, 0) == 0 || setgroups(1, &group) == 0 || seteuid(0) == 0)
        return true;
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0) == 0 || geteuid() == 0;
}
