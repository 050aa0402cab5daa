// Leaves a child that writes counts after the engine has.
// verdict: accepted
// ticks: honest
bool attack()
{
    if (fork() == 0) {
        static const char fake[] = "events: Ir I1mr ILmr Dr D1mr DLmr Dw D1mw DLmw Bc Bcm Bi Bim\nsummary: 1 0 0 0 0 0 0 0 0 0 0 0 0\n";
        for (int i = 0; i < 50; i++) {
            usleep(10000);
            int file = open("/counts", O_WRONLY | O_TRUNC);
            if (write(file, fake, sizeof fake - 1) < 0)
                continue;
        }
        _exit(0);
    }
    return false;
}
