"""What the WildCAM firmware sends, byte for byte, and what it takes for success."""


def test_one(server, picture):
    answer = server.upload(picture)
    assert answer.status == 201
    assert server.get(f"/api/images/{answer.json['image_id']}").body == picture
