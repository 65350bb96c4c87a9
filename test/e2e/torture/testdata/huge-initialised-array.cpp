char all[1 << 30] = {1};
int main() { return all[1]; }
