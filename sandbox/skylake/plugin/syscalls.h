// What system calls may do and what they answer.
#pragma once

#include "qemu_api.h"

namespace skylake::syscalls {

void register_callbacks(qemu_plugin_id_t id);

// Puts the answer of the last system call into the guest's registers where the plugin gives another one than QEMU did;
// called at the start of the block after it.
void apply_answer();

// Whether `apply_answer` has something to do.
bool answer_pending();

// Whether the program handles a signal itself, or ignores it.
bool handles(int signal);

// Installs the filter of host system calls; called in a child, before it goes on with the program.
void confine();

}  // namespace skylake::syscalls

namespace skylake {

// Makes the next block's start look at more than the block.
void look_at_next_block();

// Pages may be mapped, unmapped or protected from here on.
void pages_may_change();

}  // namespace skylake
