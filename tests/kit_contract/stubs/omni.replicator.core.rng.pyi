from kit_contract.marks import entry

@entry("omni.replicator.core:rng.ReplicatorRNG")
class ReplicatorRNG:
    def __init__(self, seed: int) -> None: ...
