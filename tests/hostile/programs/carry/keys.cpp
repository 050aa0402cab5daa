// Leaves a key in a keyring for the next test.
// verdict: accepted
// gem5: engine_divergence
bool attack()
{
    for (int ring : {-3, -4, -5}) {
        if (syscall(SYS_keyctl, 10, ring, "user", "pie-left", 0) >= 0)
            return true;
        syscall(SYS_add_key, "user", "pie-left", "x", 1, ring);
    }
    return false;
}
