#include "apps/catalogd/catalogd.h"
#include "apps/command_line.h"

int main(int argc, char** argv) {
  return tarn::apps::run_program(tarn::apps::catalogd_program(), argc, argv);
}
