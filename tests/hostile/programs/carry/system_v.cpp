// Leaves shared memory and messages for the next test.
// verdict: accepted
// gem5: engine_divergence
bool attack()
{
    int segment = shmget(0x1234, 4096, IPC_CREAT | 0666), messages = msgget(0x1234, IPC_CREAT | 0666);
    struct {
        long kind;
        char text[8];
    } message = {1, "left"};
    if (msgrcv(messages, &message, 8, 0, IPC_NOWAIT) >= 0)
        return true;
    msgsnd(messages, &message, 8, IPC_NOWAIT);
    char *data = (char *)shmat(segment, nullptr, 0);
    if (data == (char *)-1)
        return false;
    bool found = *data == 1;
    *data = 1;
    return found;
}
