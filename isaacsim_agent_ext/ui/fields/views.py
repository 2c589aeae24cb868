"""Which view shows which kind of field."""

from __future__ import annotations

from isaacsim_agent_ext.ui.fields.base import FieldView, FormContext
from isaacsim_agent_ext.ui.fields.multiline import MultilineView, YamlView
from isaacsim_agent_ext.ui.fields.paths import PathView, PrimPathView
from isaacsim_agent_ext.ui.fields.scalars import BooleanView, EnumView, NumberView, TextView
from isaacsim_agent_ext.ui.fields.sections import ChoiceEntryView, ChoiceInlineView, CollectionView, SectionView
from isaacsim_agent_ext.ui.fields.tuples import RangeView, VectorView, WordsView
from isaacsim_agent_ext.ui.viewmodel.form import Field, Kind

_VIEWS: dict[Kind, type[FieldView]] = {
    Kind.SECTION: SectionView,
    Kind.GROUP_MAP: CollectionView,
    Kind.LIST: CollectionView,
    Kind.ONE_OF: ChoiceInlineView,
    Kind.RANGE: RangeView,
    Kind.VECTOR: VectorView,
    Kind.NUMBER: NumberView,
    Kind.INTEGER: NumberView,
    Kind.BOOLEAN: BooleanView,
    Kind.TEXT: TextView,
    Kind.MULTILINE: MultilineView,
    Kind.ENUM: EnumView,
    Kind.ASSET_PATH: PathView,
    Kind.FOLDER_PATH: PathView,
    Kind.PRIM_PATH: PrimPathView,
    Kind.ANY: YamlView,
}


def make_view(field: Field, form: FormContext, depth: int) -> FieldView:
    """Return a view for a field, not drawn yet."""
    kind = _VIEWS[field.kind]
    if field.kind is Kind.VECTOR and field.item is Kind.TEXT:
        kind = WordsView
    if field.kind is Kind.ONE_OF and field.is_entry:
        kind = ChoiceEntryView
    return kind(field, form, depth)
