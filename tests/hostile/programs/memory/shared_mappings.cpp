// Uses shared memory, which the limit on a process's data doesn't count.
// verdict: memory_limit
// needs: limits_tree
bool attack()
{
    for (;;) {
        volatile char *data = (volatile char *)mmap(nullptr, 4 << 20, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        for (int i = 0; i < 4 << 20; i += 4096)
            data[i] = 1;
    }
}
