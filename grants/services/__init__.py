"""Everything that changes a noun, one module per part of the road.

Services never see a request and never call a flow: `workflows` wraps them.
"""
