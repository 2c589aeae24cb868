"""One view per kind of field; `isaacsim_agent_ext.ui.fields.views.make_view` chooses."""
