// Drives the model from a script on standard input, without an emulator:
//   b NAME ADDRESS HEX...            declare a block of instructions
//   x NAME NEXT TIMES [A:I:K...]     execute it TIMES times; memory accesses address:instruction:kind
//   p ADDRESS SIZE                   preload pages
// and prints the model's counters. Its arguments are the model's options.
#include <cstdio>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "model.h"

int main(int argc, char** argv) {
  skylake::start(argc > 1 ? argv[1] : "");
  std::map<std::string, skylake::Block*> blocks;
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string kind, name, word;
    words >> kind;
    if (kind == "p") {
      uint64_t address, size;
      words >> std::hex >> address >> size;
      skylake::preload(address, size);
    } else if (kind == "b") {
      uint64_t address;
      words >> name >> std::hex >> address;
      std::vector<std::vector<uint8_t>> code;
      while (words >> word) {
        code.emplace_back();
        for (size_t i = 0; i < word.size(); i += 2)
          code.back().push_back(static_cast<uint8_t>(std::stoul(word.substr(i, 2), nullptr, 16)));
      }
      std::vector<skylake::Instruction> instructions;
      for (const auto& bytes : code) {
        instructions.push_back({address, bytes.data(), static_cast<uint32_t>(bytes.size())});
        address += bytes.size();
      }
      blocks[name] = skylake::decode(instructions.data(), instructions.size());
    } else if (kind == "x") {
      uint64_t next, times;
      words >> name >> std::hex >> next >> std::dec >> times;
      std::vector<skylake::Access> accesses;
      while (words >> word) {
        skylake::Access access{};
        unsigned long long address;
        unsigned instruction, what;
        std::sscanf(word.c_str(), "%llx:%u:%u", &address, &instruction, &what);
        access.address = address;
        access.instruction = instruction;
        access.store = what;
        accesses.push_back(access);
      }
      for (uint64_t i = 0; i < times; ++i)
        skylake::execute(blocks.at(name), accesses.data(), accesses.size(), next, false);
    }
  }
  char buffer[8192];
  skylake::describe(buffer, sizeof buffer);
  std::fputs(buffer, stdout);
}
