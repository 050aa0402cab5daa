// Sends its output to nowhere.
// verdict: wrong_answer
bool attack()
{
    dup2(open("/dev/null", O_WRONLY), 1);
    return false;
}
