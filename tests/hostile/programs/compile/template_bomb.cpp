// Instantiates templates without an end.
// raw
// verdict: compile_error
template <unsigned long A, unsigned long B> struct Bomb {
    static constexpr unsigned long value = Bomb<A - 1, 2 * B>::value + Bomb<A - 1, 2 * B + 1>::value;
};
template <unsigned long B> struct Bomb<0, B> {
    static constexpr unsigned long value = B;
};
int main() { return Bomb<40, 1>::value; }
