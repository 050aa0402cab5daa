// Keeps what one test had to translate for the tests after it.
//
// Children translate code that the program reaches only after the fork, each anew. So a child notes what it translated,
// and the parent lets QEMU translate the same before it forks the next one: it goes on as if its system call had returned
// to such a block, and turns back, stack and registers restored, when the block is about to run. Nothing of the program
// runs and the model sees nothing; only QEMU's and the model's tables of code grow.
#pragma once

#include <cstdint>

#include "plugin.h"

namespace skylake::warm {

void start();

// In a child: it translated a block; it looked at an instruction on a mispredicted path.
void note_block(uint64_t address);
void note_step(uint64_t address);

// Before the fork: the program's code was mapped, or unmapped. Only such code is translated ahead.
void code_mapped(uint64_t address, uint64_t size);
void code_unmapped(uint64_t address, uint64_t size);

// In the parent: translates what its children noted. Returns true if the caller has to return to QEMU at once, out of the
// system call's callback; the call comes back from here again. Returns false when nothing is left to do.
bool up();

// Whether QEMU is translating ahead: callbacks then leave everything as it is.
bool active();

// While it does: the program makes a system call. That is how QEMU leaves its blocks in order, so that its threads that
// wait for that go on.
[[noreturn]] void arrive();

}  // namespace skylake::warm
