// Reads the numbers of a file; a word that is none counts as 0.
#include <cstdio>
#include <cstdlib>

// numbers fills at most `most` of them in and returns how many words there are.
inline int numbers(const char* path, int* into, int most) {
    std::FILE* file = std::fopen(path, "r");
    if (!file) std::exit(3);
    int count = 0;
    char word[32];
    while (std::fscanf(file, "%31s", word) == 1) {
        if (count < most) into[count] = std::atoi(word);
        count++;
    }
    std::fclose(file);
    return count;
}
