from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"

    def ready(self) -> None:
        from grants.services import programmes
        from organisations import services as organisations
        from workflows import services

        organisations.LEAVER_HOOKS.append(services.release_leaver)
        programmes.ROLE_HOOKS.append(services.release_role)
