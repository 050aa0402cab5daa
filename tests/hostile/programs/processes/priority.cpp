// Takes more of the processor than others.
// verdict: accepted
bool attack()
{
    struct sched_param most = {99};
    return sched_setscheduler(0, SCHED_FIFO, &most) == 0 || setpriority(PRIO_PROCESS, 0, -20) == 0;
}
