# SPDX-License-Identifier: GPL-2.0
# "make help" says what there is. The kernel's build system reads Kbuild.

KDIR    ?= /lib/modules/$(shell uname -r)/build
DESTDIR ?=
DEPMOD  ?= depmod
MINUTES ?= 8

RELEASE  = $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null)
BUILD    = $(MAKE) -C $(KDIR) M=$(CURDIR)
MODULE   = $(DESTDIR)/lib/modules/$(RELEASE)/updates/iscsi_mpio.ko

all: tools modules

# In-tree results: ./iscsi_mpio.ko and ./userspace/iscsictl
modules: kdir
	+$(BUILD) modules

tools:
	+$(MAKE) -C userspace

kdir:
	@test -e $(KDIR)/Makefile || { echo "There is no kernel build directory \
	$(KDIR): install linux-headers for that kernel or say \
	make KDIR=<kernel build directory>." >&2; exit 1; }

install: install-modules install-tools

# Into lib/modules/RELEASE/updates, unsigned (the key is not here). depmod only
# for the running system: a package's script does it where that is installed.
install-modules: modules
	+$(BUILD) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates \
		DEPMOD=true CONFIG_MODULE_SIG_ALL= modules_install
	@test -n "$(DESTDIR)" || $(DEPMOD) -a $(RELEASE)

install-tools: tools
	+$(MAKE) -C userspace install

uninstall: kdir
	rm -f $(MODULE) $(MODULE).xz $(MODULE).zst $(MODULE).gz
	@test -n "$(DESTDIR)" || $(DEPMOD) -a $(RELEASE)
	+$(MAKE) -C userspace uninstall

check:
	@scripts/check.sh

check-fast:
	@scripts/check.sh unit coverage fuzz cli model

lint:
	@scripts/lint.sh

deb rpm:
	@scripts/package.sh $@

demo:
	@scripts/demo.sh

bench:
	@tests/bench/run.sh

bench-smp:
	@tests/bench/smp-run.sh

# MINUTES in all, shared out over the targets
fuzz:
	@scripts/check.sh --fuzz $(MINUTES)

clean:
	rm -f *.o .*.o *.ko *.mod *.mod.c .*.cmd modules.order Module.symvers
	rm -rf .tmp_versions
	find kernel \( -name '*.o' -o -name '.*.cmd' \) -delete
	+for dir in userspace tests/unit tests/fuzz tests/cli; do \
		$(MAKE) -C $$dir clean; done

help:
	@echo 'make                 ./iscsi_mpio.ko and ./userspace/iscsictl'
	@echo 'make KDIR=DIR        the same for the kernel build directory DIR'
	@echo 'make modules|tools   one of the two'
	@echo 'make install         both; DESTDIR=DIR for packages'
	@echo '                     (also install-modules, install-tools)'
	@echo 'make uninstall       remove what install put there'
	@echo 'make deb|rpm         packages: module by DKMS, tools, initramfs'
	@echo 'make demo            the main job in a throw-away VM, with a reboot'
	@echo 'make check           everything that can be tested (45 minutes)'
	@echo 'make check-fast      unit tests, fuzz smoke, tool: no VM'
	@echo 'make lint            builds on all kernels, sparse, checkpatch, ...'
	@echo 'make bench           cost of an I/O beside other initiators'
	@echo 'make bench-smp       what a second processor is worth, on a quiet machine'
	@echo 'make fuzz MINUTES=n  fuzz the protocol code for n minutes'
	@echo 'make clean           remove what make has built here'

.PHONY: all modules tools kdir install install-modules install-tools \
	uninstall deb rpm check check-fast lint demo bench bench-smp fuzz clean help
