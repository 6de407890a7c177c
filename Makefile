# SPDX-License-Identifier: MIT
#
# tsmfd. `make help` says what there is to make.

KERNEL	?= 6.12
CMD	?= bash -c 'uname -r; ls -l /dev/tsmfd*'
LOAD	?= tsmfd,tsmfd_emu
VM	?=

# Those of tests/kernels.toml that are built for unless others are named.
KERNELS	:= $(shell python3 -c 'import sys; sys.dont_write_bytecode = True; sys.path.append("scripts"); \
	import kernel_table; print(*(k.name for k in kernel_table.load().values() if k.standard))')
MAKEFLAGS += --no-print-directory

# A stamp is made anew when what it stands for may have changed.
DEPS	:= build/.deps
STOCK	:= build/kernels/.stock
DEBUG	:= build/kernels/.debug

.PHONY: help
help:
	@echo 'make run       boot a guest, stress every interface, report (build/out/report.json)'
	@echo 'make test      every test: host, guests, KUnit'
	@echo 'make bench     against stock configfs-tsm, in one boot (build/out/bench.json); many at'
	@echo '               once, what costs what, signed evidence, TLS; tests/bench/bench --matrix'
	@echo 'make demo      both workloads in a guest: a key released at boot, attested connections'
	@echo 'make check     sparse, checkpatch, coccinelle, clang-format, clang-tidy, cppcheck, ...'
	@echo 'make vm        CMD="..." [KERNEL=NAME] [LOAD=tsmfd,tsmfd_emu:latency_us=5000] [VM="--tpm"]'
	@echo 'make kmod      the modules, for the standard kernels of tests/kernels.toml; kmod-NAME for one'
	@echo 'make kernels-newest  whether Debian has newer ones'
	@echo 'make user      the library and the tools; make guest-programs: what tests run in guests'
	@echo 'make install   [DESTDIR=] the tools, the modules for the running kernel, the header'
	@echo 'make dkms      [DESTDIR=] the modules as source for dkms'
	@echo 'make clean     all but kernels; make distclean: all'

$(DEPS): scripts/install-deps
	scripts/install-deps
	@mkdir -p $(@D) && touch $@

$(STOCK): $(DEPS) scripts/fetch-kernels scripts/kernel_table.py tests/kernels.toml
	scripts/fetch-kernels
	@touch $@

$(DEBUG): $(DEPS) scripts/build-debug-kernel scripts/debug-kernel.config
	scripts/build-debug-kernel
	@touch $@

.PHONY: kernels kernels-newest kmod
kernels: $(STOCK) $(DEBUG)
kernels-newest:
	scripts/kernel-versions --newest
kmod: $(KERNELS:%=kmod-%)
kmod-%: $(DEPS)
	scripts/fetch-kernels $*
	scripts/build-kmod $*
kmod-debug: $(DEBUG)
	scripts/build-kmod debug

.PHONY: user guest-programs
build/user/build.ninja: $(DEPS) user/CMakeLists.txt
	cmake -S user -B build/user -G Ninja -DCMAKE_BUILD_TYPE=Release -DTSMFD_GUEST_TESTS=ON \
		-Wno-dev --log-level=WARNING

user: build/user/build.ninja
	ninja -C build/user --quiet

# The tests that run in a guest.
guest-programs: user
	ninja -C build/user --quiet guest-programs

.PHONY: run test test-all bench check demo
run: user kmod-6.12
	scripts/run

demo: user kmod-6.12
	scripts/demo

bench: guest-programs kmod-6.12
	ninja -C build/user --quiet verify-bench
	tests/bench/bench
	tests/bench/holds
	tests/bench/cost
	tests/bench/evidence
	tests/bench/attested

test: guest-programs kmod
	scripts/run-tests

# Every kernel of the table, and every stage: hours.
test-all: guest-programs kmod
	for kernel in $$(scripts/kernel-versions --fetched); do \
		scripts/fetch-kernels $$kernel && scripts/build-kmod $$kernel || exit; \
	done
	scripts/run-tests --all

check: $(STOCK) $(DEBUG)
	scripts/check

# For the running kernel, or the one that KVER names: a release, or one of tests/kernels.toml.
KVER	?= $(shell uname -r)
PREFIX	?= /usr
VERSION	:= 0.2.0

.PHONY: install install-kmod dkms
# The prefix is named in tsmfd.pc, so it is said before the installation.
install: user install-kmod install-udev
	cmake -DCMAKE_INSTALL_PREFIX=$(PREFIX) -Wno-dev --log-level=WARNING build/user
	DESTDIR=$(DESTDIR) cmake --install build/user
	$(if $(DESTDIR),,ldconfig)

install-kmod:
	scripts/build-kmod $(KVER)
	$(MAKE) -C $$(scripts/build-kmod --kdir $(KVER)) M=$(CURDIR)/build/kmod/$(KVER) \
		INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates modules_install

.PHONY: install-udev
install-udev:
	install -D -m 644 udev/60-tsmfd.rules $(DESTDIR)/usr/lib/udev/rules.d/60-tsmfd.rules
	install -D -m 644 udev/tsmfd.sysusers.conf $(DESTDIR)/usr/lib/sysusers.d/tsmfd.conf

# Then: dkms install tsmfd/$(VERSION)
dkms:
	install -d $(DESTDIR)/usr/src/tsmfd-$(VERSION)
	cp -r kmod/. Kconfig LICENSES $(DESTDIR)/usr/src/tsmfd-$(VERSION)/
	sed 's/@VERSION@/$(VERSION)/' scripts/dkms.conf.in >$(DESTDIR)/usr/src/tsmfd-$(VERSION)/dkms.conf

.PHONY: vm
vm: export CMD := $(CMD)
vm: kmod-$(KERNEL)
	tests/vm/vm --kernel $(KERNEL) --load $(LOAD) $(VM) -- "$$CMD"

.PHONY: clean distclean
clean:
	rm -rf $(filter-out build/kernels build/kernels/%,$(wildcard build/*))
distclean:
	rm -rf build
