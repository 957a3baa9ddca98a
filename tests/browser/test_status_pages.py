"""The pages in Airflow's own UI."""
def test_try(admin, world):
    print(world.execute("select source, source_item_id, outcome, status, codes, message, last_success_at from passback.item_status order by 1,2"))
    admin.inside()
    admin.page.wait_for_timeout(3000)
    admin.keep("try")
    print(admin.page.content()[:3000])
