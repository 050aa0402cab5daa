// Attaches to its parent and to the first process, and writes their memory.
// verdict: accepted
bool attack()
{
    long value = 0;
    struct iovec here = {&value, 8}, there = {(void *)0x400000, 8};
    for (pid_t pid : {getppid(), 1, @PID@}) {
        if (pid == getpid())
            continue;
        if (ptrace(PTRACE_ATTACH, pid, 0, 0) == 0 || ptrace(PTRACE_SEIZE, pid, 0, 0) == 0 ||
            process_vm_writev(pid, &here, 1, &there, 1, 0) == 8)
            return true;
    }
    return false;
}
