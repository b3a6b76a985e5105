/* SPDX-License-Identifier: GPL-2.0 */
/* Runs at an address that count.c knows, and exits with success. */
	.globl	_start
_start:
	movl	$60, %eax
	xorl	%edi, %edi
	syscall
	.section .note.GNU-stack, "", @progbits
