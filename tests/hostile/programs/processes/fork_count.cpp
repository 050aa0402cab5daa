// Counts how many processes it may have.
// verdict: accepted
bool attack()
{
    int made = 0;
    while (made < 200) {
        pid_t child = fork();
        if (child == 0)
            _exit(pause());
        if (child < 0)
            break;
        made++;
    }
    return made > 64;
}
