CREATE SCHEMA copydesk_state;
CREATE TABLE copydesk_state.captures (
    n bigint NOT NULL,
    capture_id text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    accepted_at double precision NOT NULL,
    sent_at double precision NOT NULL,
    settled_at double precision,
    url text COLLATE pg_catalog."C",
    external_id text COLLATE pg_catalog."C",
    article_id text COLLATE pg_catalog."C",
    kind text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C",
    detail text COLLATE pg_catalog."C",
    verdict text COLLATE pg_catalog."C",
    capture text COLLATE pg_catalog."C"
);
ALTER TABLE copydesk_state.captures ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME copydesk_state.captures_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE copydesk_state.circuits (
    sink text NOT NULL COLLATE pg_catalog."C",
    failures bigint NOT NULL,
    open_until double precision
);
CREATE TABLE copydesk_state.deliveries (
    delivery_id text NOT NULL COLLATE pg_catalog."C",
    n bigint NOT NULL,
    sink text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    status text COLLATE pg_catalog."C",
    attempts bigint DEFAULT 0 NOT NULL,
    waiting_until double precision,
    recorded_at double precision NOT NULL,
    updated_at double precision NOT NULL,
    detail text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    delivery text NOT NULL COLLATE pg_catalog."C",
    rowid bigint NOT NULL
);
ALTER TABLE copydesk_state.deliveries ALTER COLUMN rowid ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME copydesk_state.deliveries_rowid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE copydesk_state.polls (
    url text NOT NULL COLLATE pg_catalog."C",
    due_at double precision NOT NULL,
    etag text COLLATE pg_catalog."C",
    last_modified text COLLATE pg_catalog."C",
    failures bigint NOT NULL,
    reason text COLLATE pg_catalog."C"
);
CREATE TABLE copydesk_state.quarantine (
    quarantine_id text NOT NULL COLLATE pg_catalog."C",
    stage text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    capture_id text COLLATE pg_catalog."C",
    quarantined_at double precision NOT NULL,
    item text NOT NULL COLLATE pg_catalog."C",
    rowid bigint NOT NULL
);
ALTER TABLE copydesk_state.quarantine ALTER COLUMN rowid ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME copydesk_state.quarantine_rowid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE copydesk_state.readings (
    reading text NOT NULL COLLATE pg_catalog."C",
    "offset" bigint NOT NULL,
    taken bigint NOT NULL,
    done bigint NOT NULL,
    moved_at double precision NOT NULL
);
CREATE TABLE copydesk_state.steps (
    step bigint NOT NULL
);
CREATE TABLE copydesk_state.tallies (
    name text NOT NULL COLLATE pg_catalog."C",
    count bigint NOT NULL
);
CREATE TABLE copydesk_state.told (
    page text NOT NULL COLLATE pg_catalog."C",
    reference text NOT NULL COLLATE pg_catalog."C",
    told_at double precision NOT NULL
);
INSERT INTO copydesk_state.captures OVERRIDING SYSTEM VALUE VALUES (1, '5a39c14888199756aa21e7385d87ce9cc8b689bdf905804bd83a2199edd7fd42', 'accepted', 1767614400, 1767614400, NULL, 'https://news.example/1', 'row-1', NULL, NULL, NULL, NULL, NULL, '{"source":"test","url":"https://news.example/1","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-1","capture_id":"5a39c14888199756aa21e7385d87ce9cc8b689bdf905804bd83a2199edd7fd42","body":{"digest":"e92b667eb438d66f429e37c1aab76513c1953666b7cb7997f739bfa786723cfd","size":6},"origin":{"location":"captures.jsonl","record":1}}');
INSERT INTO copydesk_state.captures OVERRIDING SYSTEM VALUE VALUES (2, '958f4686dfd54c5d5b167019c7e5beff2e883d8ea014d40cc34a9d1ab027d4fb', 'routed', 1767614400, 1767614400, NULL, 'https://news.example/2', 'row-2', '652510e686af33353420ac8c68bc4f7a6e6f7af0cc8da9d8374b8b58139fecd7', 'new', NULL, NULL, '{"article_id":"652510e686af33353420ac8c68bc4f7a6e6f7af0cc8da9d8374b8b58139fecd7","headline":"A headline","language":"en","kind":"new","routes":["all"]}', '{"source":"test","url":"https://news.example/2","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-2","capture_id":"958f4686dfd54c5d5b167019c7e5beff2e883d8ea014d40cc34a9d1ab027d4fb","body":{"digest":"1997ebe7ee9800e9fe8e16532432e53caf64130b3017bd4dd8bc4698e8b3ed1f","size":6},"origin":{"location":"captures.jsonl","record":2}}');
INSERT INTO copydesk_state.captures OVERRIDING SYSTEM VALUE VALUES (4, '507f28e79a7c9ae10d97c909901ef6734b687a949d7239d4f16ae475971d8480', 'routed', 1767614400, 1767614400, NULL, 'https://news.example/4', 'row-4', '04dd7e8678bc09e21721e7506af14e4ab15544a2d7506bea26d0cef1d0ded1ed', 'new', NULL, NULL, '{"article_id":"04dd7e8678bc09e21721e7506af14e4ab15544a2d7506bea26d0cef1d0ded1ed","headline":"A headline","language":"en","kind":"new","routes":["all"]}', '{"source":"test","url":"https://news.example/4","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-4","capture_id":"507f28e79a7c9ae10d97c909901ef6734b687a949d7239d4f16ae475971d8480","body":{"digest":"48333fe318127e2d0b7b6606d54aa006832ead656ff9bcc4dc6075afcae198de","size":6},"origin":{"location":"captures.jsonl","record":4}}');
INSERT INTO copydesk_state.captures OVERRIDING SYSTEM VALUE VALUES (3, 'fa0cc515bbcc60a9e425847334e21b0f18941b8d0e2c49f3078d2bc9e5b0fba5', 'stored', 1767614400, 1767614400, 1767614460, 'https://news.example/3', 'row-3', 'c48148298a7855664f7c110e75296aa3d8e10c70ebc732f82d3d8cfbb3b20e77', 'new', NULL, NULL, '{"article_id":"c48148298a7855664f7c110e75296aa3d8e10c70ebc732f82d3d8cfbb3b20e77","headline":"A headline","language":"en","kind":"new","routes":["all"]}', '{"source":"test","url":"https://news.example/3","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-3","capture_id":"fa0cc515bbcc60a9e425847334e21b0f18941b8d0e2c49f3078d2bc9e5b0fba5","body":{"digest":"fc6ac673edd9009439a62bd002b3a5085aa3d275efc2d15ebd61c354c88cbe06","size":6},"origin":{"location":"captures.jsonl","record":3}}');
INSERT INTO copydesk_state.captures OVERRIDING SYSTEM VALUE VALUES (8, '1520d31de57230753892a8e29f1fb2e75b2e5da07fe83ea162ab6dd8dd787fb8', 'quarantined', 1767614400, 1767614400, 1767614460, 'https://news.example/8', 'row-8', '8250910bb5a53a573b4c6e15f23486ad75bb4aa7768a9d0836d7d0586fcd8f41', 'new', 'sink_rejected', NULL, '{"article_id":"8250910bb5a53a573b4c6e15f23486ad75bb4aa7768a9d0836d7d0586fcd8f41","headline":"A headline","language":"en","kind":"new","routes":["all"]}', '{"source":"test","url":"https://news.example/8","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-8","capture_id":"1520d31de57230753892a8e29f1fb2e75b2e5da07fe83ea162ab6dd8dd787fb8","body":{"digest":"4a63553ef80dee18c566a9d4c35656fdf8aa445de0f40d306379cf6c85418eb6","size":6},"origin":{"location":"captures.jsonl","record":8}}');
INSERT INTO copydesk_state.captures OVERRIDING SYSTEM VALUE VALUES (5, 'e226a49fec20f149e1e424e67e949c53101bf671147bac58eb98c52c12b70c74', 'dropped', 1767614400, 1767614400, 1767614460, 'https://news.example/5', 'row-5', NULL, NULL, 'too_short', '9 words', NULL, '{"source":"test","url":"https://news.example/5","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-5","capture_id":"e226a49fec20f149e1e424e67e949c53101bf671147bac58eb98c52c12b70c74","body":{"digest":"c0a3970a493d140c81493092e79befa5fbed3d2201be5c51afbe3dfb12fc1ea2","size":6},"origin":{"location":"captures.jsonl","record":5}}');
INSERT INTO copydesk_state.captures OVERRIDING SYSTEM VALUE VALUES (6, '80670fdc07bf8f1cc482dc51c036b30e62b1991e23316671b4eafeaf44d1f795', 'duplicate', 1767614400, 1767614400, 1767614460, 'https://news.example/6', 'row-6', NULL, 'near_copy', NULL, NULL, '{"kind":"near_copy","of":"fa0cc515bbcc60a9e425847334e21b0f18941b8d0e2c49f3078d2bc9e5b0fba5","similarity":0.9}', '{"source":"test","url":"https://news.example/6","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-6","capture_id":"80670fdc07bf8f1cc482dc51c036b30e62b1991e23316671b4eafeaf44d1f795","body":{"digest":"fc48cdbb3775dfcf989c6c9cc425c1d392cdfabe9a37def558acfb82f9b65f30","size":6},"origin":{"location":"captures.jsonl","record":6}}');
INSERT INTO copydesk_state.captures OVERRIDING SYSTEM VALUE VALUES (7, '5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac', 'quarantined', 1767614400, 1767614400, 1767614460, 'https://news.example/7', 'row-7', NULL, NULL, 'bad_capture', 'damaged', NULL, '{"source":"test","url":"https://news.example/7","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-7","capture_id":"5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac","body":{"digest":"a4b7e1e4d4606167eadaeb423ba20487e73449903126ecb6d23f506f75f75207","size":6},"origin":{"location":"captures.jsonl","record":7}}');
INSERT INTO copydesk_state.circuits VALUES ('webhook', 1, 1767614490);
INSERT INTO copydesk_state.deliveries OVERRIDING SYSTEM VALUE VALUES ('6162c9e9b99627016514244fd4e7a0cae6e6e49b880f31a6f62b497cd4d06819', 2, 'sqlite', 'waiting', NULL, 0, NULL, 1767614400, 1767614400, '', '{"delivery_id":"6162c9e9b99627016514244fd4e7a0cae6e6e49b880f31a6f62b497cd4d06819","capture_id":"958f4686dfd54c5d5b167019c7e5beff2e883d8ea014d40cc34a9d1ab027d4fb","article_id":"652510e686af33353420ac8c68bc4f7a6e6f7af0cc8da9d8374b8b58139fecd7","sink":"sqlite","route":"all","version":1,"body":{"digest":"759354e44e737961bccfe0df35215dd7d81d3774462b82b031c555f05a393434","size":64}}', 1);
INSERT INTO copydesk_state.deliveries OVERRIDING SYSTEM VALUE VALUES ('ff63224a346fb29a634a42b6bfbac306f40d54f84accb773ef0e27c513020c5f', 3, 'sqlite', 'done', 'stored', 0, NULL, 1767614400, 1767614460, '', '{"delivery_id":"ff63224a346fb29a634a42b6bfbac306f40d54f84accb773ef0e27c513020c5f","capture_id":"fa0cc515bbcc60a9e425847334e21b0f18941b8d0e2c49f3078d2bc9e5b0fba5","article_id":"c48148298a7855664f7c110e75296aa3d8e10c70ebc732f82d3d8cfbb3b20e77","sink":"sqlite","route":"all","version":1,"body":{"digest":"3b00daeaf204bfdb00b4e99373cb768f6d6740363aba717ff9cd1e36a4a9c3b8","size":64}}', 2);
INSERT INTO copydesk_state.deliveries OVERRIDING SYSTEM VALUE VALUES ('1cc71c426170a5216bcda26b2a1a9e34c9e208543d8555a69bd4b618b4b529b2', 4, 'sqlite', 'done', 'stored', 0, NULL, 1767614400, 1767614460, '', '{"delivery_id":"1cc71c426170a5216bcda26b2a1a9e34c9e208543d8555a69bd4b618b4b529b2","capture_id":"507f28e79a7c9ae10d97c909901ef6734b687a949d7239d4f16ae475971d8480","article_id":"04dd7e8678bc09e21721e7506af14e4ab15544a2d7506bea26d0cef1d0ded1ed","sink":"sqlite","route":"all","version":1,"body":{"digest":"4e9b1c823849f3e55866435eb8cd29ec5a595d31a1bd813cc876ba7c3e49680d","size":64}}', 3);
INSERT INTO copydesk_state.deliveries OVERRIDING SYSTEM VALUE VALUES ('b1000f02f979bb9ca2f50ee9b5993c926bf1625bb50999fbdb3e35a65b81df7e', 8, 'sqlite', 'rejected', 'rejected', 0, NULL, 1767614400, 1767614460, 'said the sink', '{"delivery_id":"b1000f02f979bb9ca2f50ee9b5993c926bf1625bb50999fbdb3e35a65b81df7e","capture_id":"1520d31de57230753892a8e29f1fb2e75b2e5da07fe83ea162ab6dd8dd787fb8","article_id":"8250910bb5a53a573b4c6e15f23486ad75bb4aa7768a9d0836d7d0586fcd8f41","sink":"sqlite","route":"all","version":1,"body":{"digest":"4d54486455ee231f0e6118f04e6a1d1306dff1e3d5af5babf037e56d2c6a93a0","size":64}}', 5);
INSERT INTO copydesk_state.deliveries OVERRIDING SYSTEM VALUE VALUES ('e85729b96979024063043609ce8426e5455a25e79f2962cccb5e39bd5ab0b24d', 4, 'webhook', 'waiting', 'retry', 1, 1767614465, 1767614400, 1767614460, 'said the sink', '{"delivery_id":"e85729b96979024063043609ce8426e5455a25e79f2962cccb5e39bd5ab0b24d","capture_id":"507f28e79a7c9ae10d97c909901ef6734b687a949d7239d4f16ae475971d8480","article_id":"04dd7e8678bc09e21721e7506af14e4ab15544a2d7506bea26d0cef1d0ded1ed","sink":"webhook","route":"all","version":1,"body":{"digest":"4e9b1c823849f3e55866435eb8cd29ec5a595d31a1bd813cc876ba7c3e49680d","size":64}}', 4);
INSERT INTO copydesk_state.polls VALUES ('https://news.example/feed', 1767614400, '"e"', NULL, 0, NULL);
INSERT INTO copydesk_state.quarantine OVERRIDING SYSTEM VALUE VALUES ('123741bae08059937376cccadb20719d5a4e2b0fd2ff64f54daa1183f7d40d3a', 'normalize', 'bad_capture', '5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac', 1767614400, '{"quarantine_id":"123741bae08059937376cccadb20719d5a4e2b0fd2ff64f54daa1183f7d40d3a","stage":"normalize","reason":"bad_capture","detail":"damaged","capture":{"source":"test","url":"https://news.example/7","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-7","capture_id":"5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac","body":{"digest":"a4b7e1e4d4606167eadaeb423ba20487e73449903126ecb6d23f506f75f75207","size":6},"origin":{"location":"captures.jsonl","record":7}},"origin":{"location":"captures.jsonl","record":7},"item":"{\"source\":\"test\",\"url\":\"https://news.example/7\",\"captured_at\":\"2026-01-05T12:00:00Z\",\"media_type\":\"text/html\",\"charset\":null,\"http_status\":null,\"title\":null,\"description\":null,\"published_at\":null,\"published_source\":\"sidecar\",\"language\":null,\"publisher_country\":null,\"external_id\":\"row-7\",\"capture_id\":\"5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac\",\"body\":{\"digest\":\"a4b7e1e4d4606167eadaeb423ba20487e73449903126ecb6d23f506f75f75207\",\"size\":6,\"at\":null},\"origin\":{\"location\":\"captures.jsonl\",\"record\":7,\"offset\":null,\"member\":null},\"accepted_at\":null,\"priority\":\"normal\"}","quarantined_at":"2026-01-05T12:00:00Z"}', 1);
INSERT INTO copydesk_state.readings VALUES ('captures.jsonl', 512, 8, 1, 1767614400);
INSERT INTO copydesk_state.steps VALUES (0);
INSERT INTO copydesk_state.steps VALUES (1);
INSERT INTO copydesk_state.steps VALUES (2);
INSERT INTO copydesk_state.tallies VALUES ('ignored_redeliveries', 1);
INSERT INTO copydesk_state.told VALUES ('https://news.example/9', '{}', 1767614400);
SELECT pg_catalog.setval('copydesk_state.captures_n_seq', 15, true);
SELECT pg_catalog.setval('copydesk_state.deliveries_rowid_seq', 5, true);
SELECT pg_catalog.setval('copydesk_state.quarantine_rowid_seq', 1, true);
ALTER TABLE ONLY copydesk_state.captures
    ADD CONSTRAINT captures_capture_id_key UNIQUE (capture_id);
ALTER TABLE ONLY copydesk_state.captures
    ADD CONSTRAINT captures_pkey PRIMARY KEY (n);
ALTER TABLE ONLY copydesk_state.circuits
    ADD CONSTRAINT circuits_pkey PRIMARY KEY (sink);
ALTER TABLE ONLY copydesk_state.deliveries
    ADD CONSTRAINT deliveries_delivery_id_key UNIQUE (delivery_id);
ALTER TABLE ONLY copydesk_state.polls
    ADD CONSTRAINT polls_pkey PRIMARY KEY (url);
ALTER TABLE ONLY copydesk_state.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (quarantine_id);
ALTER TABLE ONLY copydesk_state.readings
    ADD CONSTRAINT readings_pkey PRIMARY KEY (reading);
ALTER TABLE ONLY copydesk_state.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (step);
ALTER TABLE ONLY copydesk_state.tallies
    ADD CONSTRAINT tallies_pkey PRIMARY KEY (name);
ALTER TABLE ONLY copydesk_state.told
    ADD CONSTRAINT told_pkey PRIMARY KEY (page);
CREATE INDEX captures_by_article ON copydesk_state.captures USING btree (article_id) WHERE (article_id IS NOT NULL);
CREATE INDEX captures_by_external_id ON copydesk_state.captures USING btree (external_id) WHERE (external_id IS NOT NULL);
CREATE INDEX captures_by_state ON copydesk_state.captures USING btree (state, kind, reason);
CREATE INDEX captures_by_url ON copydesk_state.captures USING btree (url);
CREATE INDEX captures_settled ON copydesk_state.captures USING btree (settled_at) WHERE (settled_at IS NOT NULL);
CREATE INDEX captures_unfinished ON copydesk_state.captures USING btree (sent_at) WHERE (state = 'accepted'::text);
CREATE INDEX deliveries_by_capture ON copydesk_state.deliveries USING btree (n);
CREATE INDEX deliveries_by_sink ON copydesk_state.deliveries USING btree (sink, state);
CREATE INDEX deliveries_waiting ON copydesk_state.deliveries USING btree (updated_at) WHERE (state = 'waiting'::text);
CREATE INDEX quarantine_by_capture ON copydesk_state.quarantine USING btree (capture_id) WHERE (capture_id IS NOT NULL);
CREATE INDEX quarantine_by_time ON copydesk_state.quarantine USING btree (quarantined_at);
CREATE INDEX told_by_time ON copydesk_state.told USING btree (told_at);
ALTER TABLE ONLY copydesk_state.deliveries
    ADD CONSTRAINT deliveries_n_fkey FOREIGN KEY (n) REFERENCES copydesk_state.captures(n);
