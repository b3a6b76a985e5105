#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: 6.12
# TIMEOUT: 200
# If this fails, a parameter of one of Windows' 13 iSCSI cmdlets has lost its
# equal here. iscsi-mpio-windows(7) has the table; tests/cli checks that each
# of its rows is exercised below, by "cmdlet NAME PARAMETER".
. /vm/tests/lib/target.sh
. /vm/tests/lib/scenario.sh

A=iqn.2026-11.org.test:a
CHAP=iqn.2026-11.org.test:chap
ALICE=initiator-secret
STORAGE=target-has-a-secret

# cmdlet NAME PARAMETERS COMMAND...: one or several parameters, by commas.
cmdlet() {
	local name=$1 parameters=$2
	shift 2
	check "$name -${parameters//,/ -}" "$@"
}

# A filter with a jq expression that must be true of its answer.
gives() {	# EXPRESSION ARGS...
	local expression=$1
	shift
	iscsictl --json "$@" >"$TMP/answer" && jq -e "$expression" "$TMP/answer"
}

# What a script of Windows' would do in a pipe.
one() { gives 'length == 1' "$@"; }
none() { gives 'length == 0' "$@"; }

net_up 2
lio_load
backend_ramdisk disk 64
backend_ramdisk disk2 64
two_portals $A disk
one_portal $CHAP disk2
chap_mutual $CHAP alice $ALICE storage $STORAGE
modprobe iscsi_mpio
secret "$TMP/alice" $ALICE
secret "$TMP/storage" $STORAGE
echo '10.9.1.2 storage.test' >>/etc/hosts

N=New-IscsiTargetPortal
cmdlet $N TargetPortalAddress iscsictl portal add storage.test
cmdlet $N TargetPortalPortNumber iscsictl portal add 10.9.2.2:3260
cmdlet $N InitiatorPortalAddress,InitiatorInstanceName \
	iscsictl portal add 10.9.1.2 --initiator-portal 10.9.1.1 --iface i1
cmdlet $N IsHeaderDigest,IsDataDigest \
	iscsictl discover 10.9.2.2 --header-digest --data-digest=yes
portal_add $A '[fd09:1::2]'
printf alice >"$LIO/iscsi/discovery_auth/userid"
printf %s $ALICE >"$LIO/iscsi/discovery_auth/password"
echo 1 >"$LIO/iscsi/discovery_auth/enforce_discovery_auth"
cmdlet $N AuthenticationType,ChapUsername,ChapSecret \
	iscsictl discover '[fd09:1::2]' --auth ONEWAYCHAP \
	--chap-username alice --chap-secret-file "$TMP/alice"
echo 0 >"$LIO/iscsi/discovery_auth/enforce_discovery_auth"

G=Get-IscsiTargetPortal
cmdlet $G TargetPortalAddress one portal list storage.test
cmdlet $G TargetPortalPortNumber one portal list 10.9.2.2:3260
cmdlet $G InitiatorPortalAddress \
	one portal list --initiator-portal 10.9.1.1
cmdlet $G InitiatorInstanceName one portal list --iface i1
cmdlet $G IsHeaderDigest one portal list --header-digest
cmdlet $G IsDataDigest gives 'length == 3' portal list --data-digest=no
cmdlet $G iSCSITarget gives 'length == 4' portal list --node $A

U=Update-IscsiTargetPortal
cmdlet $U TargetPortalAddress,TargetPortalPortNumber \
	iscsictl portal refresh 10.9.2.2:3260
again() { iscsictl --json portal list 10.9.2.2 |
	iscsictl portal refresh --from-json -; }
cmdlet $U InputObject again
cmdlet $U InitiatorPortalAddress,InitiatorInstanceName,PassThru \
	one portal refresh --initiator-portal 10.9.1.1 --iface i1 --pass-thru

C=Connect-IscsiTarget
cmdlet $C NodeAddress,TargetPortalAddress,TargetPortalPortNumber \
	iscsictl connect $A --portal 10.9.1.2:3260 --multipath
cmdlet $C IsMultipathEnabled,InitiatorPortalAddress,InitiatorInstanceName \
	iscsictl connect $A --portal 10.9.2.2 --multipath \
	--initiator-portal 10.9.2.1 --iface i2
must "both are paths of one disk" disk_with_paths $A 2
iscsictl chap set-secret --file "$TMP/alice"
cmdlet Set-IscsiChapSecret ChapSecret \
	iscsictl chap set-secret --file "$TMP/storage"
cmdlet $C AuthenticationType,ChapUsername,ChapSecret,IsPersistent \
	iscsictl connect $CHAP --portal 10.9.1.2 --auth mutual \
	--chap-username alice --chap-secret-file "$TMP/alice" --persistent \
	--multipath
third() { iscsictl --json target list $A | iscsictl connect \
	--from-json - --multipath --portal 10.9.1.2; }
cmdlet $C InputObject third
iscsictl disconnect --session 4
cmdlet $C IsHeaderDigest,IsDataDigest,ReportToPnP gives \
	'.[0] | .IsHeaderDigest and .IsDataDigest and (.Disks | length == 0)' \
	connect $A --multipath --portal 10.9.1.2 --header-digest \
	--data-digest --no-scan

iscsictl --json session list >"$TMP/sessions"
of() { jq -r ".[$1].$2" "$TMP/sessions"; }
ID1=$(of 0 SessionIdentifier) ID3=$(of 2 SessionIdentifier)
S=Get-IscsiSession
cmdlet $S SessionIdentifier one session list --session "$ID1"
cmdlet $S TargetSideIdentifier gives 'length >= 1' \
	session list --target-side "$(of 0 TargetSideIdentifier)"
cmdlet $S InitiatorSideIdentifier one session list \
	--initiator-side "$(of 0 InitiatorSideIdentifier)"
cmdlet $S NumberOfConnections gives 'length == 4' \
	session list --connections 1
cmdlet $S NumberOfConnections none session list --connections 2
cmdlet $S IscsiTarget gives 'length == 3' session list --node $A
cmdlet $S InitiatorPort gives 'length == 4' \
	session list --initiator "$(of 0 InitiatorNodeAddress)"
cmdlet $S IscsiTargetPortal one session list --portal 10.9.2.2
cmdlet $S Disk gives 'length == 2' session list --disk "/dev/$DISK"
iscsictl --json connection list >"$TMP/connections"
CONNECTION=$(jq -r '.[0].ConnectionIdentifier' "$TMP/connections")
cmdlet $S IscsiConnection one session list --connection "$CONNECTION"

K=Get-IscsiConnection
cmdlet $K ConnectionIdentifier one connection list "$CONNECTION"
cmdlet $K InitiatorSideIdentifier one connection list \
	--initiator-side "$(of 0 InitiatorSideIdentifier)"
cmdlet $K TargetSideIdentifier gives 'length >= 1' \
	connection list --target-side "$(of 0 TargetSideIdentifier)"
cmdlet $K InitiatorPortalAddress,InititorIPAdressListNumber one connection list \
	--initiator-portal 10.9.2.1
cmdlet $K InitiatorPortalPortNumber one connection list --initiator-port \
	"$(jq -r '.[0].InitiatorPortNumber' "$TMP/connections")"
cmdlet $K IscsiTarget gives 'length == 3' connection list --node $A
cmdlet $K IscsiSession one connection list --session "$ID3"
cmdlet $K IscsiTargetPortal one connection list --portal 10.9.2.2
cmdlet $K InitiatorPort gives 'length == 4' \
	connection list --initiator "$(of 0 InitiatorNodeAddress)"
cmdlet $K Disk gives 'length == 2' connection list --disk "$DISK"

T=Get-IscsiTarget
cmdlet $T NodeAddress gives '.[0].IsConnected' target list $A
cmdlet $T IscsiConnection one target list --connection "$CONNECTION"
cmdlet $T IscsiSession gives ".[0].NodeAddress == \"$CHAP\"" \
	target list --session "$ID3"
cmdlet $T IscsiTargetPortal one target list --portal 10.9.2.2
cmdlet $T InitiatorPort gives 'length == 2' \
	target list --initiator "$(of 0 InitiatorNodeAddress)"
cmdlet $G iSCSISession gives 'length == 4' portal list --session 1
cmdlet $G iSCSIConnection gives 'length == 4' \
	portal list --connection "$CONNECTION"
cmdlet Update-IscsiTarget NodeAddress,PassThru \
	gives 'length == 4' target refresh $A --pass-thru

update() { iscsictl --json target list $A |
	iscsictl target refresh --from-json -; }
cmdlet Update-IscsiTarget InputObject update
cmdlet Update-IscsiTarget IscsiSession gives 'length == 4' \
	target refresh --session 1 --pass-thru
cmdlet Update-IscsiTarget IscsiConnection gives 'length == 4' \
	target refresh --connection "$CONNECTION" --pass-thru
cmdlet Update-IscsiTarget IscsiTargetPortal \
	iscsictl portal refresh 10.9.2.2
cmdlet Update-IscsiTarget InitiatorPort gives 'length == 4' target refresh \
	--initiator "$(of 0 InitiatorNodeAddress)" --pass-thru

# The page of Register-IscsiSession, example 1, then what scripts do:
# "Get-IscsiSession | Register-IscsiSession".
R=Register-IscsiSession
check "example 1 of the page of Register-IscsiSession" \
	iscsictl register "$ID1"
check_is "which is persistent now" true "$(ijson session list \
	--session "$ID1" '.[0].IsPersistent')"
pipe() { iscsictl --json session list --node $A --portal 10.9.2.2 |
	iscsictl register --from-json -; }
cmdlet $R InputObject pipe
cmdlet $R SessionIdentifier,IsMultipathEnabled \
	iscsictl register "$ID1" --multipath
cmdlet $R ChapUsername,ChapSecret iscsictl register "$ID3" --multipath \
	--chap-username alice --chap-secret-file "$TMP/alice"
cmdlet $R PassThru one register 1 --pass-thru
gives 'all(.[]; .IsPersistent or (.Disks | length == 0))' session list ||
	fail "what is registered says so"
check_is "registered three times is stored three times" 3 "$(ijson record list \
	"[.[] | select(.TargetPortalAddress == \"10.9.1.2\" and .TargetNodeAddress == \"$A\")] | length")"

X=Unregister-IscsiSession
cmdlet $X SessionIdentifier iscsictl unregister "$ID1"
cmdlet $X PassThru one unregister 2 --pass-thru
drop() { iscsictl --json session list --session "$ID3" |
	iscsictl unregister --from-json -; }
cmdlet $X InputObject drop
check_is "unregistered sessions stay up" 4 "$(ijson session list length)"

D=Disconnect-IscsiTarget
cmdlet $D WhatIf,Confirm gives 'length == 3' disconnect $A --dry-run
cmdlet $D SessionIdentifier iscsictl disconnect --session "$ID3"
udevadm settle
cmdlet $D NodeAddress,PassThru gives 'length == 3' disconnect $A --pass-thru
check_is "records outlive their session" 1 "$(ijson record list \
	"[.[] | select(.TargetNodeAddress == \"$CHAP\" and .Status == \"missing\")] | length | if . > 0 then 1 else 0 end")"
Z=Remove-IscsiTargetPortal
cmdlet $Z WhatIf,Confirm one portal remove storage.test --dry-run
cmdlet $Z TargetPortalAddress,TargetPortalPortNumber,PassThru \
	one portal remove storage.test:3260 --pass-thru
cmdlet $Z InitiatorPortalAddress,InitiatorInstanceName one \
	portal remove 10.9.1.2 --initiator-portal 10.9.1.1 --iface i1 \
	--pass-thru
cmdlet Common AsJob,ThrottleLimit iscsictl --as-job --throttle-limit 2 \
	connect $A --portal 10.9.2.2 --multipath
wait_until 10 has_sessions $A 1 || fail "which goes on by itself"
udevadm settle
away() { iscsictl --json target list $A |
	iscsictl disconnect --from-json -; }
cmdlet $D InputObject away
check_is "its session is gone" 0 "$(ijson session list length)"
forget() { iscsictl --json portal list 10.9.2.2 |
	iscsictl portal remove --from-json -; }
cmdlet $Z InputObject forget
check_is "its portal is gone" 1 "$(ijson portal list length)"
mkdir "$TMP/bin"
printf '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec sh -c "$*"\n' \
	>"$TMP/bin/ssh"
chmod +x "$TMP/bin/ssh"
PATH=$TMP/bin:$PATH cmdlet Common CimSession \
	gives '.[0].ComputerName == "root@here"' --host root@here portal list
sed -i '/storage.test/d' /etc/hosts
