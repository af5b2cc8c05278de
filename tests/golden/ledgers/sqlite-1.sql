BEGIN TRANSACTION;
CREATE TABLE captures (
            n INTEGER PRIMARY KEY,
            capture_id TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL,
            accepted_at REAL NOT NULL,
            sent_at REAL NOT NULL,
            settled_at REAL,
            url TEXT,
            external_id TEXT,
            article_id TEXT,
            kind TEXT,
            reason TEXT,
            detail TEXT,
            verdict TEXT,
            capture TEXT
        );
INSERT INTO "captures" VALUES(1,'5a39c14888199756aa21e7385d87ce9cc8b689bdf905804bd83a2199edd7fd42','accepted',1767614400.0,1767614400.0,NULL,'https://news.example/1','row-1',NULL,NULL,NULL,NULL,NULL,'{"source":"test","url":"https://news.example/1","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-1","capture_id":"5a39c14888199756aa21e7385d87ce9cc8b689bdf905804bd83a2199edd7fd42","body":{"digest":"e92b667eb438d66f429e37c1aab76513c1953666b7cb7997f739bfa786723cfd","size":6},"origin":{"location":"captures.jsonl","record":1}}');
INSERT INTO "captures" VALUES(2,'958f4686dfd54c5d5b167019c7e5beff2e883d8ea014d40cc34a9d1ab027d4fb','routed',1767614400.0,1767614400.0,NULL,'https://news.example/2','row-2','652510e686af33353420ac8c68bc4f7a6e6f7af0cc8da9d8374b8b58139fecd7','new',NULL,NULL,'{"article_id":"652510e686af33353420ac8c68bc4f7a6e6f7af0cc8da9d8374b8b58139fecd7","headline":"A headline","language":"en","kind":"new","routes":["all"]}','{"source":"test","url":"https://news.example/2","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-2","capture_id":"958f4686dfd54c5d5b167019c7e5beff2e883d8ea014d40cc34a9d1ab027d4fb","body":{"digest":"1997ebe7ee9800e9fe8e16532432e53caf64130b3017bd4dd8bc4698e8b3ed1f","size":6},"origin":{"location":"captures.jsonl","record":2}}');
INSERT INTO "captures" VALUES(3,'fa0cc515bbcc60a9e425847334e21b0f18941b8d0e2c49f3078d2bc9e5b0fba5','stored',1767614400.0,1767614400.0,1767614460.0,'https://news.example/3','row-3','c48148298a7855664f7c110e75296aa3d8e10c70ebc732f82d3d8cfbb3b20e77','new',NULL,NULL,'{"article_id":"c48148298a7855664f7c110e75296aa3d8e10c70ebc732f82d3d8cfbb3b20e77","headline":"A headline","language":"en","kind":"new","routes":["all"]}','{"source":"test","url":"https://news.example/3","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-3","capture_id":"fa0cc515bbcc60a9e425847334e21b0f18941b8d0e2c49f3078d2bc9e5b0fba5","body":{"digest":"fc6ac673edd9009439a62bd002b3a5085aa3d275efc2d15ebd61c354c88cbe06","size":6},"origin":{"location":"captures.jsonl","record":3}}');
INSERT INTO "captures" VALUES(4,'507f28e79a7c9ae10d97c909901ef6734b687a949d7239d4f16ae475971d8480','routed',1767614400.0,1767614400.0,NULL,'https://news.example/4','row-4','04dd7e8678bc09e21721e7506af14e4ab15544a2d7506bea26d0cef1d0ded1ed','new',NULL,NULL,'{"article_id":"04dd7e8678bc09e21721e7506af14e4ab15544a2d7506bea26d0cef1d0ded1ed","headline":"A headline","language":"en","kind":"new","routes":["all"]}','{"source":"test","url":"https://news.example/4","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-4","capture_id":"507f28e79a7c9ae10d97c909901ef6734b687a949d7239d4f16ae475971d8480","body":{"digest":"48333fe318127e2d0b7b6606d54aa006832ead656ff9bcc4dc6075afcae198de","size":6},"origin":{"location":"captures.jsonl","record":4}}');
INSERT INTO "captures" VALUES(5,'e226a49fec20f149e1e424e67e949c53101bf671147bac58eb98c52c12b70c74','dropped',1767614400.0,1767614400.0,1767614460.0,'https://news.example/5','row-5',NULL,NULL,'too_short','9 words',NULL,'{"source":"test","url":"https://news.example/5","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-5","capture_id":"e226a49fec20f149e1e424e67e949c53101bf671147bac58eb98c52c12b70c74","body":{"digest":"c0a3970a493d140c81493092e79befa5fbed3d2201be5c51afbe3dfb12fc1ea2","size":6},"origin":{"location":"captures.jsonl","record":5}}');
INSERT INTO "captures" VALUES(6,'80670fdc07bf8f1cc482dc51c036b30e62b1991e23316671b4eafeaf44d1f795','duplicate',1767614400.0,1767614400.0,1767614460.0,'https://news.example/6','row-6',NULL,'near_copy',NULL,NULL,'{"kind":"near_copy","of":"fa0cc515bbcc60a9e425847334e21b0f18941b8d0e2c49f3078d2bc9e5b0fba5","similarity":0.9}','{"source":"test","url":"https://news.example/6","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-6","capture_id":"80670fdc07bf8f1cc482dc51c036b30e62b1991e23316671b4eafeaf44d1f795","body":{"digest":"fc48cdbb3775dfcf989c6c9cc425c1d392cdfabe9a37def558acfb82f9b65f30","size":6},"origin":{"location":"captures.jsonl","record":6}}');
INSERT INTO "captures" VALUES(7,'5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac','quarantined',1767614400.0,1767614400.0,1767614460.0,'https://news.example/7','row-7',NULL,NULL,'bad_capture','damaged',NULL,'{"source":"test","url":"https://news.example/7","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-7","capture_id":"5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac","body":{"digest":"a4b7e1e4d4606167eadaeb423ba20487e73449903126ecb6d23f506f75f75207","size":6},"origin":{"location":"captures.jsonl","record":7}}');
INSERT INTO "captures" VALUES(8,'1520d31de57230753892a8e29f1fb2e75b2e5da07fe83ea162ab6dd8dd787fb8','quarantined',1767614400.0,1767614400.0,1767614460.0,'https://news.example/8','row-8','8250910bb5a53a573b4c6e15f23486ad75bb4aa7768a9d0836d7d0586fcd8f41','new','sink_rejected',NULL,'{"article_id":"8250910bb5a53a573b4c6e15f23486ad75bb4aa7768a9d0836d7d0586fcd8f41","headline":"A headline","language":"en","kind":"new","routes":["all"]}','{"source":"test","url":"https://news.example/8","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-8","capture_id":"1520d31de57230753892a8e29f1fb2e75b2e5da07fe83ea162ab6dd8dd787fb8","body":{"digest":"4a63553ef80dee18c566a9d4c35656fdf8aa445de0f40d306379cf6c85418eb6","size":6},"origin":{"location":"captures.jsonl","record":8}}');
CREATE TABLE circuits (sink TEXT PRIMARY KEY, failures INTEGER NOT NULL, open_until REAL);
INSERT INTO "circuits" VALUES('webhook',1,1767614490.0);
CREATE TABLE deliveries (
            delivery_id TEXT NOT NULL UNIQUE,
            n INTEGER NOT NULL REFERENCES captures,
            sink TEXT NOT NULL,
            state TEXT NOT NULL,
            status TEXT,
            attempts INTEGER NOT NULL DEFAULT 0,
            waiting_until REAL,
            recorded_at REAL NOT NULL,
            updated_at REAL NOT NULL,
            detail TEXT NOT NULL DEFAULT '',
            delivery TEXT NOT NULL
        );
INSERT INTO "deliveries" VALUES('6162c9e9b99627016514244fd4e7a0cae6e6e49b880f31a6f62b497cd4d06819',2,'sqlite','waiting',NULL,0,NULL,1767614400.0,1767614400.0,'','{"delivery_id":"6162c9e9b99627016514244fd4e7a0cae6e6e49b880f31a6f62b497cd4d06819","capture_id":"958f4686dfd54c5d5b167019c7e5beff2e883d8ea014d40cc34a9d1ab027d4fb","article_id":"652510e686af33353420ac8c68bc4f7a6e6f7af0cc8da9d8374b8b58139fecd7","sink":"sqlite","route":"all","version":1,"body":{"digest":"759354e44e737961bccfe0df35215dd7d81d3774462b82b031c555f05a393434","size":64}}');
INSERT INTO "deliveries" VALUES('ff63224a346fb29a634a42b6bfbac306f40d54f84accb773ef0e27c513020c5f',3,'sqlite','done','stored',0,NULL,1767614400.0,1767614460.0,'','{"delivery_id":"ff63224a346fb29a634a42b6bfbac306f40d54f84accb773ef0e27c513020c5f","capture_id":"fa0cc515bbcc60a9e425847334e21b0f18941b8d0e2c49f3078d2bc9e5b0fba5","article_id":"c48148298a7855664f7c110e75296aa3d8e10c70ebc732f82d3d8cfbb3b20e77","sink":"sqlite","route":"all","version":1,"body":{"digest":"3b00daeaf204bfdb00b4e99373cb768f6d6740363aba717ff9cd1e36a4a9c3b8","size":64}}');
INSERT INTO "deliveries" VALUES('1cc71c426170a5216bcda26b2a1a9e34c9e208543d8555a69bd4b618b4b529b2',4,'sqlite','done','stored',0,NULL,1767614400.0,1767614460.0,'','{"delivery_id":"1cc71c426170a5216bcda26b2a1a9e34c9e208543d8555a69bd4b618b4b529b2","capture_id":"507f28e79a7c9ae10d97c909901ef6734b687a949d7239d4f16ae475971d8480","article_id":"04dd7e8678bc09e21721e7506af14e4ab15544a2d7506bea26d0cef1d0ded1ed","sink":"sqlite","route":"all","version":1,"body":{"digest":"4e9b1c823849f3e55866435eb8cd29ec5a595d31a1bd813cc876ba7c3e49680d","size":64}}');
INSERT INTO "deliveries" VALUES('e85729b96979024063043609ce8426e5455a25e79f2962cccb5e39bd5ab0b24d',4,'webhook','waiting','retry',1,1767614465.0,1767614400.0,1767614460.0,'said the sink','{"delivery_id":"e85729b96979024063043609ce8426e5455a25e79f2962cccb5e39bd5ab0b24d","capture_id":"507f28e79a7c9ae10d97c909901ef6734b687a949d7239d4f16ae475971d8480","article_id":"04dd7e8678bc09e21721e7506af14e4ab15544a2d7506bea26d0cef1d0ded1ed","sink":"webhook","route":"all","version":1,"body":{"digest":"4e9b1c823849f3e55866435eb8cd29ec5a595d31a1bd813cc876ba7c3e49680d","size":64}}');
INSERT INTO "deliveries" VALUES('b1000f02f979bb9ca2f50ee9b5993c926bf1625bb50999fbdb3e35a65b81df7e',8,'sqlite','rejected','rejected',0,NULL,1767614400.0,1767614460.0,'said the sink','{"delivery_id":"b1000f02f979bb9ca2f50ee9b5993c926bf1625bb50999fbdb3e35a65b81df7e","capture_id":"1520d31de57230753892a8e29f1fb2e75b2e5da07fe83ea162ab6dd8dd787fb8","article_id":"8250910bb5a53a573b4c6e15f23486ad75bb4aa7768a9d0836d7d0586fcd8f41","sink":"sqlite","route":"all","version":1,"body":{"digest":"4d54486455ee231f0e6118f04e6a1d1306dff1e3d5af5babf037e56d2c6a93a0","size":64}}');
CREATE TABLE quarantine (
            quarantine_id TEXT PRIMARY KEY,
            stage TEXT NOT NULL,
            reason TEXT NOT NULL,
            capture_id TEXT,
            quarantined_at REAL NOT NULL,
            item TEXT NOT NULL
        );
INSERT INTO "quarantine" VALUES('123741bae08059937376cccadb20719d5a4e2b0fd2ff64f54daa1183f7d40d3a','normalize','bad_capture','5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac',1767614400.0,'{"quarantine_id":"123741bae08059937376cccadb20719d5a4e2b0fd2ff64f54daa1183f7d40d3a","stage":"normalize","reason":"bad_capture","detail":"damaged","capture":{"source":"test","url":"https://news.example/7","captured_at":"2026-01-05T12:00:00Z","media_type":"text/html","external_id":"row-7","capture_id":"5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac","body":{"digest":"a4b7e1e4d4606167eadaeb423ba20487e73449903126ecb6d23f506f75f75207","size":6},"origin":{"location":"captures.jsonl","record":7}},"origin":{"location":"captures.jsonl","record":7},"item":"{\"source\":\"test\",\"url\":\"https://news.example/7\",\"captured_at\":\"2026-01-05T12:00:00Z\",\"media_type\":\"text/html\",\"charset\":null,\"http_status\":null,\"title\":null,\"description\":null,\"published_at\":null,\"published_source\":\"sidecar\",\"language\":null,\"publisher_country\":null,\"external_id\":\"row-7\",\"capture_id\":\"5f46220db30d1696cff1309e440b745ee47667bac36000e2b4d317f7cebfddac\",\"body\":{\"digest\":\"a4b7e1e4d4606167eadaeb423ba20487e73449903126ecb6d23f506f75f75207\",\"size\":6,\"at\":null},\"origin\":{\"location\":\"captures.jsonl\",\"record\":7,\"offset\":null,\"member\":null},\"accepted_at\":null,\"priority\":\"normal\"}","quarantined_at":"2026-01-05T12:00:00Z"}');
CREATE TABLE tallies (name TEXT PRIMARY KEY, count INTEGER NOT NULL);
INSERT INTO "tallies" VALUES('ignored_redeliveries',1);
CREATE INDEX captures_by_state ON captures (state, kind, reason);
CREATE INDEX captures_unfinished ON captures (sent_at) WHERE state = 'accepted';
CREATE INDEX captures_settled ON captures (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX captures_by_url ON captures (url);
CREATE INDEX captures_by_article ON captures (article_id) WHERE article_id IS NOT NULL;
CREATE INDEX captures_by_external_id ON captures (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX deliveries_by_capture ON deliveries (n);
CREATE INDEX deliveries_by_sink ON deliveries (sink, state);
CREATE INDEX deliveries_waiting ON deliveries (updated_at) WHERE state = 'waiting';
CREATE INDEX quarantine_by_time ON quarantine (quarantined_at);
CREATE INDEX quarantine_by_capture ON quarantine (capture_id) WHERE capture_id IS NOT NULL;
COMMIT;
PRAGMA user_version = 1;
