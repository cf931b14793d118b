//! The demonstration's mailbox is nowhere but in a demonstration.

use crate::support::world::World;

#[test]
fn no_server_but_a_demonstrations_shows_its_letters() {
    let world = World::new();
    let dora = world.dora();
    world.enrolled(&dora);
    for path in ["/demo/mailbox", "/demo/mailbox.json", "/demo/mailbox/1", "/demo/mailbox/1/html", "/demo"] {
        assert_eq!(world.get(path).status, 404, "{path}");
    }
}
