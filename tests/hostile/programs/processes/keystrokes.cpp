// Types into the terminal of whoever started the harness.
// verdict: accepted
bool attack()
{
    for (int descriptor = 0; descriptor < 3; descriptor++)
        if (ioctl(descriptor, TIOCSTI, "x") == 0)
            return true;
    return open("/dev/tty", O_RDWR) >= 0 || open("/dev/console", O_RDWR) >= 0;
}
