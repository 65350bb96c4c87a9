#include "/request/0"
#include "/scratch/0.ans"
#include "/proc/1/environ"
int main() {}
