// The `tarn` command: a program that people type.
#include "apps/command_line.h"
#include "apps/tarn/verbs.h"

int main(int argc, char** argv) {
  return tarn::apps::run_program(tarn::apps::tarn_program(), argc, argv);
}
