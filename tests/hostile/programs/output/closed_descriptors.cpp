// Closes everything it has, what belongs to the harness included.
// verdict: wrong_answer
bool attack()
{
    for (int descriptor = 0; descriptor < 1024; descriptor++)
        close(descriptor);
    return false;
}
