"""A bad line between two network namespaces, in user space: drops, delays and paces whole packets in both directions.

Arguments: near namespace (or "" for this one), near address, far namespace, far address. Each line on stdin is JSON:
{"loss": 0..1, "delay": seconds, "rate": bytes a second or 0, "cut": bool, "seed": int}. Says "ready" on stdout, then one
line of JSON with the counts of packets for every line it was given.
"""
import collections, fcntl, heapq, json, os, random, select, struct, subprocess, sys, time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
# Bytes that wait for a slow line before packets are dropped, as in a modem: 2 s at 64 kbit/s.
QUEUE = 16_384
MTU = 1400


def tun(name, namespace, address, peer):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    run = lambda *args: subprocess.run(args, check=True)
    inside = ["-n", namespace] if namespace else []
    if namespace:
        run("ip", "link", "set", name, "netns", namespace)
    run("ip", *inside, "addr", "add", address, "peer", peer, "dev", name)
    run("ip", *inside, "link", "set", name, "mtu", str(MTU), "up")
    return device


near_ns, near_ip, far_ns, far_ip = sys.argv[1:5]
tag = str(os.getpid())
near, far = tun("sln" + tag, near_ns, near_ip, far_ip), tun("slf" + tag, far_ns, far_ip, near_ip)
line = {"loss": 0.0, "delay": 0.0, "rate": 0, "cut": False, "seed": 1}
dice = random.Random(1)
counts = collections.Counter()
due, order = [], 0
free_at = {near: 0.0, far: 0.0}
print("ready", flush=True)
commands = b""
while True:
    now = time.monotonic()
    wait = max(0.0, due[0][0] - now) if due else None
    readable, _, _ = select.select([0, near, far], [], [], wait)
    now = time.monotonic()
    for source in readable:
        if source == 0:
            data = os.read(0, 65536)
            if not data:
                sys.exit(0)
            commands += data
            while b"\n" in commands:
                command, commands = commands.split(b"\n", 1)
                told = json.loads(command)
                if "seed" in told:
                    dice = random.Random(told["seed"])
                line.update(told)
                if line["cut"]:
                    due.clear()
                free_at = {near: now, far: now}
                print(json.dumps(counts), flush=True)
            continue
        target = far if source == near else near
        for _ in range(64):
            try:
                packet = os.read(source, 65536)
            except BlockingIOError:
                break
            if line["cut"] or dice.random() < line["loss"]:
                counts["dropped"] += 1
                continue
            leaves = now
            if line["rate"]:
                if (free_at[target] - now) * line["rate"] > QUEUE:
                    counts["dropped"] += 1
                    continue
                leaves = free_at[target] = max(now, free_at[target]) + len(packet) / line["rate"]
            order += 1
            heapq.heappush(due, (leaves + line["delay"], order, target, packet))
    while due and due[0][0] <= now:
        _, _, target, packet = heapq.heappop(due)
        counts["passed"] += 1
        try:
            os.write(target, packet)
        except OSError:
            counts["dropped"] += 1
