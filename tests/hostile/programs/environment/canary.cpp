// Looks for a secret in its environment.
// verdict: accepted
bool attack()
{
    for (char **one = environ; *one; one++)
        if (strstr(*one, "PIE_CANARY") || strstr(*one, "SECRET"))
            return true;
    return getenv("HOME") || getenv("USER") || getenv("OPENAI_API_KEY");
}
