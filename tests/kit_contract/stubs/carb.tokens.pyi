from kit_contract.marks import entry

def get_tokens_interface() -> ITokens: ...

@entry("get_tokens_interface")
class ITokens:
    def resolve(self, text: str, /) -> str: ...
