BEGIN TRANSACTION;
CREATE TABLE account (
	id VARCHAR(16) NOT NULL, 
	person_id VARCHAR NOT NULL, 
	login VARCHAR(64) NOT NULL, 
	password_hash VARCHAR NOT NULL, 
	language VARCHAR NOT NULL, 
	disabled BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(person_id) REFERENCES person (id), 
	UNIQUE (login), 
	UNIQUE (person_id)
);
INSERT INTO "account" VALUES('c0b1bc4839afa7f4','5a7f98f6a355f58a','dean','$argon2id$v=19$m=65536,t=3,p=4$+tXiDOpmG3G/uyFOiJvd7A$kUyc67zBbGh5dqrHrOByH8Vvguo62IrdxbqzAX7dbiM','zh_CN',0,'2026-11-29 14:46:53.239041');
CREATE TABLE agreement (
	id VARCHAR(16) NOT NULL, 
	community_id VARCHAR NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	note VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES community (id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006');
CREATE TABLE attempt (
	id VARCHAR(16) NOT NULL, 
	bucket VARCHAR(96) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE attendancefact (
	id VARCHAR(16) NOT NULL, 
	lesson_id VARCHAR(16) NOT NULL, 
	room_id VARCHAR(16) NOT NULL, 
	subject VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	node_id VARCHAR(32) NOT NULL, 
	boot VARCHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	peer VARCHAR(32) NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	data JSON NOT NULL, 
	position INTEGER NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (lesson_id, position), 
	UNIQUE (node_id, boot, peer, kind, starts_at)
);
INSERT INTO "attendancefact" VALUES('db7fc4d7a83a0dcb','67a01fdd8a721478','','','','n1','d665781598b4cc93',12,'stage-67a01fdd8a721478','STAGE_OPENED','2026-11-29 14:48:00.025000','2026-11-29 14:48:00.025000','{}',1,'55a03c358ceb55768aa576bec73cbbd7015a4cb61fcba820b13c17d58ea8c9b3');
INSERT INTO "attendancefact" VALUES('3380497b2868532f','67a01fdd8a721478','5ffdfd0d4d75ebde','room:5ffdfd0d4d75ebde','LEG','n1','d665781598b4cc93',12,'9c52d94db75d800cfeb3a0ab99114d24','JOINED','2026-11-29 14:48:00.076000','2026-11-29 14:48:00.076000','{}',2,'3a02effd4ae60fdf207ad2800840510b359ed411613bbd268c05e93bc4370713');
INSERT INTO "attendancefact" VALUES('b15ec0334b9b2ffd','67a01fdd8a721478','52c337db713625b4','room:52c337db713625b4','HOST','n1','d665781598b4cc93',12,'1f2b506fc21b3b165e6150a2db251f62','JOINED','2026-11-29 14:48:00.119000','2026-11-29 14:48:00.119000','{}',3,'a780b445f1d526952c36ff7af5359e2502157705ea3b66a5be897557ae597951');
INSERT INTO "attendancefact" VALUES('36d5357764e1f0af','67a01fdd8a721478','9b0fe4240630cf3e','room:9b0fe4240630cf3e','LEG','n1','d665781598b4cc93',12,'dd4a8fcdb1c138d7c7cd215d79157c71','JOINED','2026-11-29 14:48:00.127000','2026-11-29 14:48:00.127000','{}',4,'971464362bde34660b41e8db058a3f7b774499f820e842d776a93fd4e588bca9');
INSERT INTO "attendancefact" VALUES('7474689f10a740ca','67a01fdd8a721478','5ffdfd0d4d75ebde','room:5ffdfd0d4d75ebde','LEG','n1','d665781598b4cc93',111,'9c52d94db75d800cfeb3a0ab99114d24','LEFT','2026-11-29 14:48:24.329000','2026-11-29 14:48:24.329000','{"reason": "deleted", "packets": 3954, "octets": 3336213}',5,'a278aab1e5462197e961e7d981b5ed1dcdc9c5a7133c68c223a4c8552e66a861');
INSERT INTO "attendancefact" VALUES('c14745a234eeb806','67a01fdd8a721478','5ffdfd0d4d75ebde','room:5ffdfd0d4d75ebde','LEG','n1','d665781598b4cc93',111,'9c52d94db75d800cfeb3a0ab99114d24','CONNECTED','2026-11-29 14:48:00.076000','2026-11-29 14:48:24.329000','{}',6,'a9c0c876a689150e7ac91683dd443e4fbe4221c760702bf7c63f05927b2e0016');
INSERT INTO "attendancefact" VALUES('f93269d60addefe8','67a01fdd8a721478','5ffdfd0d4d75ebde','room:5ffdfd0d4d75ebde','LEG','n1','d665781598b4cc93',111,'9c52d94db75d800cfeb3a0ab99114d24','RECEIVED','2026-11-29 14:48:00.076000','2026-11-29 14:48:24.329000','{}',7,'23453fce79757bc839fa624de644ed317af37741563500617752631e6632f35b');
INSERT INTO "attendancefact" VALUES('3a450eb5f346bc42','67a01fdd8a721478','','','','n1','d665781598b4cc93',160,'stage-67a01fdd8a721478','STAGE_CLOSED','2026-11-29 14:48:40.715000','2026-11-29 14:48:40.715000','{"reason": "ended"}',8,'c215904367656ff26e06fe385b2dd71d9b34da50698c63560a24dc07cc2cc019');
INSERT INTO "attendancefact" VALUES('10f9f2111582aa2b','67a01fdd8a721478','52c337db713625b4','room:52c337db713625b4','HOST','n1','d665781598b4cc93',160,'1f2b506fc21b3b165e6150a2db251f62','LEFT','2026-11-29 14:48:40.574000','2026-11-29 14:48:40.574000','{"reason": "stage closed", "packets": 6577, "octets": 5672632}',9,'d5a780b820a0b2c8574c26b0a909647f854fb83af2deefb03cc57c7353500a89');
INSERT INTO "attendancefact" VALUES('c6802bc683502a6e','67a01fdd8a721478','9b0fe4240630cf3e','room:9b0fe4240630cf3e','LEG','n1','d665781598b4cc93',160,'dd4a8fcdb1c138d7c7cd215d79157c71','LEFT','2026-11-29 14:48:40.275000','2026-11-29 14:48:40.275000','{"reason": "stage closed", "packets": 6577, "octets": 5558375}',10,'83c3db88e92a14a68b7240a21bdb84c29e13202098eda903f7e4785dfa604de4');
INSERT INTO "attendancefact" VALUES('502bea61079d2204','67a01fdd8a721478','52c337db713625b4','room:52c337db713625b4','HOST','n1','d665781598b4cc93',160,'1f2b506fc21b3b165e6150a2db251f62','CONNECTED','2026-11-29 14:48:00.119000','2026-11-29 14:48:40.574000','{}',11,'96f0208d27774b1371db7715ae1423a3b1f4af4f627b1cd312750abf9047862c');
INSERT INTO "attendancefact" VALUES('17a235d1e3b84624','67a01fdd8a721478','52c337db713625b4','room:52c337db713625b4','HOST','n1','d665781598b4cc93',160,'1f2b506fc21b3b165e6150a2db251f62','RECEIVED','2026-11-29 14:48:00.119000','2026-11-29 14:48:40.427000','{}',12,'927eeccaaf7878f70dc925f2c2e23e2396d9848f6fc59ab563d48b349a5be65d');
INSERT INTO "attendancefact" VALUES('58f72840fd9a09a9','67a01fdd8a721478','9b0fe4240630cf3e','room:9b0fe4240630cf3e','LEG','n1','d665781598b4cc93',160,'dd4a8fcdb1c138d7c7cd215d79157c71','CONNECTED','2026-11-29 14:48:00.127000','2026-11-29 14:48:40.275000','{}',13,'8b2e3778e0936dc7b8ff7dc1d7513948f3710eb69f354ac633f23225f1fb0bc3');
INSERT INTO "attendancefact" VALUES('09a2a70aa847ecb3','67a01fdd8a721478','9b0fe4240630cf3e','room:9b0fe4240630cf3e','LEG','n1','d665781598b4cc93',160,'dd4a8fcdb1c138d7c7cd215d79157c71','RECEIVED','2026-11-29 14:48:00.127000','2026-11-29 14:48:40.275000','{}',14,'d405eada30e94f296948696047721db9e7a55cb1f54b464ec755704ba4271346');
INSERT INTO "attendancefact" VALUES('164365903345141c','67a01fdd8a721478','5ffdfd0d4d75ebde','room:5ffdfd0d4d75ebde','LEG','n1','d665781598b4cc93',162,'ws-f0f7189f9c213636e234339a','REPORTED','2026-11-29 14:48:00.076000','2026-11-29 14:48:24.206000','{}',15,'e863c9c28ae9cfda47d32dd3b44f8bb4c2782bbf155de1ebee78782890b7fd88');
INSERT INTO "attendancefact" VALUES('e65d45b43131384c','67a01fdd8a721478','5ffdfd0d4d75ebde','room:5ffdfd0d4d75ebde','LEG','n1','d665781598b4cc93',162,'ws-f0f7189f9c213636e234339a','SHOWN','2026-11-29 14:48:00.076000','2026-11-29 14:48:24.206000','{}',16,'8d8cb6141ea14373576eda8518600ce5148dd73c4f1d0d8ae531a57e8a31f846');
INSERT INTO "attendancefact" VALUES('6c01d0c886f610f5','67a01fdd8a721478','5ffdfd0d4d75ebde','room:5ffdfd0d4d75ebde','LEG','n1','d665781598b4cc93',162,'ws-f0f7189f9c213636e234339a','HEARD','2026-11-29 14:48:00.076000','2026-11-29 14:48:24.206000','{}',17,'8c8462c5f3ab593f290cbe619e4c30d5fd5d2cd753bb5f63b513f5f7f71bf863');
INSERT INTO "attendancefact" VALUES('3e6088b896395524','67a01fdd8a721478','9b0fe4240630cf3e','room:9b0fe4240630cf3e','LEG','n1','d665781598b4cc93',162,'ws-6c1236683927f11945f3ecd6','REPORTED','2026-11-29 14:48:00.127000','2026-11-29 14:48:40.188000','{}',18,'86c8bddea00c8481970a989de6530eb8b98feb38ec716aab2de1db082f022773');
INSERT INTO "attendancefact" VALUES('58e9a515eed695da','67a01fdd8a721478','9b0fe4240630cf3e','room:9b0fe4240630cf3e','LEG','n1','d665781598b4cc93',162,'ws-6c1236683927f11945f3ecd6','SHOWN','2026-11-29 14:48:00.127000','2026-11-29 14:48:40.188000','{}',19,'eca25e27e51c22b4b72e2c1a8c75131a7b512c17e17c83003e2be9ebac379e8e');
INSERT INTO "attendancefact" VALUES('86bab9c3e7c3d37f','67a01fdd8a721478','9b0fe4240630cf3e','room:9b0fe4240630cf3e','LEG','n1','d665781598b4cc93',162,'ws-6c1236683927f11945f3ecd6','HEARD','2026-11-29 14:48:00.127000','2026-11-29 14:48:40.188000','{}',20,'b5822daa02807c55338598a5e83118e66b42665f0aee0b1db1ce64e13a149820');
INSERT INTO "attendancefact" VALUES('e6654353b25f2629','67a01fdd8a721478','52c337db713625b4','room:52c337db713625b4','HOST','n1','d665781598b4cc93',162,'ws-9292d53349ec3fa022e03ec2','REPORTED','2026-11-29 14:48:00.119000','2026-11-29 14:48:40.283000','{}',21,'ec9b62dc963c830b38d0516f193f84faf366ee77564cb3db55f447e2d7faf4e8');
INSERT INTO "attendancefact" VALUES('f2ea8ed1eb9a4239','67a01fdd8a721478','52c337db713625b4','room:52c337db713625b4','HOST','n1','d665781598b4cc93',162,'ws-9292d53349ec3fa022e03ec2','SHOWN','2026-11-29 14:48:00.119000','2026-11-29 14:48:40.283000','{}',22,'43170c58b295bc3088b70fee2e1eefb9dfd596985e0438e3e994304fe791432d');
INSERT INTO "attendancefact" VALUES('9a9e3d25d20fd19f','67a01fdd8a721478','52c337db713625b4','room:52c337db713625b4','HOST','n1','d665781598b4cc93',162,'ws-9292d53349ec3fa022e03ec2','HEARD','2026-11-29 14:48:00.119000','2026-11-29 14:48:40.283000','{}',23,'a2aacf8b453ac025221a809887530b56aee4e3953e619e0055d30bd44a5507a1');
INSERT INTO "attendancefact" VALUES('a825e79ace79c95b','11212ae68b0b0d0c','','','','n1','df3b65bbea0b2e64',164,'stage-11212ae68b0b0d0c','STAGE_OPENED','2026-11-29 14:51:00.630000','2026-11-29 14:51:00.630000','{}',1,'010728040116de83e8fe9575b30993c65f01bd4a453cb562338b9b7effbe98cb');
INSERT INTO "attendancefact" VALUES('a2eeaa1bb07b9e69','11212ae68b0b0d0c','52c337db713625b4','room:52c337db713625b4','HOST','n1','df3b65bbea0b2e64',174,'252391af483c1d46a18538b0a4b2e2ce','JOINED','2026-11-29 14:51:00.667000','2026-11-29 14:51:00.667000','{}',2,'78edade2b889eab61ea2821787c9dda806947ea7f14a3d490ab47d3bd3f6bfe1');
INSERT INTO "attendancefact" VALUES('290772e5910c0c01','11212ae68b0b0d0c','9b0fe4240630cf3e','room:9b0fe4240630cf3e','LEG','n1','df3b65bbea0b2e64',174,'cac80bf57240c539929cd1a6dd6e682f','JOINED','2026-11-29 14:51:01.635000','2026-11-29 14:51:01.635000','{}',3,'f0bc103742e0f224da4aaf93885408650529cb8214d5b786cb0851f12f6263cb');
CREATE TABLE auditevent (
	id VARCHAR(16) NOT NULL, 
	at DATETIME NOT NULL, 
	account_id VARCHAR, 
	action VARCHAR(48) NOT NULL, 
	object_id VARCHAR(64) NOT NULL, 
	summary VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	data JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "auditevent" VALUES('078272c6873d085d','2026-11-29 14:46:53.239041',NULL,'account.create','c0b1bc4839afa7f4','','','{}');
INSERT INTO "auditevent" VALUES('b87c8b3a357ecac8','2026-11-29 14:46:57.333784',NULL,'organisation.import','da35c8f69a1b5b5c','岗北县(虚构)','','{"created": 24, "updated": 0, "unchanged": 1}');
INSERT INTO "auditevent" VALUES('29e64a29efb3f88d','2026-11-29 14:47:00.946134','c0b1bc4839afa7f4','session.begin','32a1e2d183d2eb52','','127.0.x.x','{}');
INSERT INTO "auditevent" VALUES('ddfd6183922d577e','2026-11-29 14:47:04.471503','c0b1bc4839afa7f4','terminal.approve','d26ed5bab84d12a1','岗北一小(虚构) 录播教室','','{}');
INSERT INTO "auditevent" VALUES('c44c13df68fc8cca','2026-11-29 14:47:06.950160','c0b1bc4839afa7f4','terminal.approve','0337abf97e0be278','石湾小学(虚构) 三年级教室','','{}');
INSERT INTO "auditevent" VALUES('2a1843b4b3a53033','2026-11-29 14:47:09.400789','c0b1bc4839afa7f4','terminal.approve','f97d8e517c5bf9bc','石湾小学(虚构) 四年级教室','','{}');
INSERT INTO "auditevent" VALUES('1b01b656bc0d01d6','2026-11-29 14:47:12.870741','c0b1bc4839afa7f4','terminal.approve','66e114a1fa72656e','石湾小学(虚构) 五年级教室','','{}');
INSERT INTO "auditevent" VALUES('ce309cd57be904f5','2026-11-29 14:47:12.918133','c0b1bc4839afa7f4','terminal.revoke','66e114a1fa72656e','石湾小学(虚构) 五年级教室','','{}');
INSERT INTO "auditevent" VALUES('0864b9f7d2cd81b7','2026-11-29 14:47:14.081033','c0b1bc4839afa7f4','lesson.book','b2b0e007e593086a','取消的课','','{"legs": 3, "skipped": 0, "starts_at": "2026-11-30T14:48:00+00:00"}');
INSERT INTO "auditevent" VALUES('cb76c3b96e8b0e14','2026-11-29 14:47:14.308967','c0b1bc4839afa7f4','lesson.cancel','b2b0e007e593086a','取消的课','','{"starts_at": "2026-11-30T14:48:00+00:00", "reason": "\u505c\u7535"}');
INSERT INTO "auditevent" VALUES('04e1a03c02677ddf','2026-11-29 14:47:14.359295','c0b1bc4839afa7f4','lesson.book','cafe50b6db6f8b2b','将来的课','','{"legs": 3, "skipped": 0, "starts_at": "2026-11-30T14:48:00+00:00"}');
INSERT INTO "auditevent" VALUES('3617025e334470b4','2026-11-29 14:47:14.434385','c0b1bc4839afa7f4','lesson.move','cafe50b6db6f8b2b','将来的课','','{"moved_from": "2026-11-30T14:48:00+00:00", "starts_at": "2026-11-30T16:48:00+00:00"}');
INSERT INTO "auditevent" VALUES('8b44b990562b2876','2026-11-29 14:47:14.497993','c0b1bc4839afa7f4','lesson.book','67a01fdd8a721478','上完的课','','{"legs": 3, "skipped": 0, "starts_at": "2026-11-29T14:48:00+00:00"}');
INSERT INTO "auditevent" VALUES('f8d8e22f695f9dc3','2026-11-29 14:47:14.701803','c0b1bc4839afa7f4','lesson.confirm','67a01fdd8a721478','上完的课','','{"leg": "f29dae3687d6cc95"}');
INSERT INTO "auditevent" VALUES('2e7d0f89d13389fb','2026-11-29 14:47:14.733047','c0b1bc4839afa7f4','lesson.decline','67a01fdd8a721478','上完的课','','{"leg": "5915cf21d53f7cfb"}');
INSERT INTO "auditevent" VALUES('06c35d49d0ff1c9c','2026-11-29 14:48:40.670876','c0b1bc4839afa7f4','lesson.head_count','67a01fdd8a721478','上完的课','','{"leg": "f29dae3687d6cc95", "pupils": 31}');
INSERT INTO "auditevent" VALUES('7d4dc996d041d3bd','2026-11-29 14:48:40.699171','c0b1bc4839afa7f4','lesson.end','67a01fdd8a721478','上完的课','','{}');
INSERT INTO "auditevent" VALUES('c9d8bc78dbbf9b41','2026-11-29 14:48:40.779727','c0b1bc4839afa7f4','lesson.remark','67a01fdd8a721478','上完的课','','{"leg": "5915cf21d53f7cfb", "status": "PRESENT"}');
INSERT INTO "auditevent" VALUES('7af16f96641b1e0f','2026-11-29 14:50:53.266651','c0b1bc4839afa7f4','session.begin','4de6956f1b2a2d8d','','127.0.x.x','{}');
INSERT INTO "auditevent" VALUES('be138d1a9f66dd19','2026-11-29 14:50:54.582742','c0b1bc4839afa7f4','lesson.book','11212ae68b0b0d0c','无人记录的课','','{"legs": 3, "skipped": 0, "starts_at": "2026-11-29T14:51:00+00:00"}');
CREATE TABLE bellschedule (
	id VARCHAR(16) NOT NULL, 
	campus_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(campus_id) REFERENCES campus (id), 
	UNIQUE (campus_id)
);
INSERT INTO "bellschedule" VALUES('22cb19feba54c3de','cdc6902be3a65b16','作息(虚构)');
INSERT INTO "bellschedule" VALUES('b2b55d6cb7cf718a','002c71db6f2d3b93','作息(虚构)');
CREATE TABLE calendarday (
	id VARCHAR(16) NOT NULL, 
	county_id VARCHAR NOT NULL, 
	day DATE NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	follows_weekday INTEGER, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(county_id) REFERENCES county (id), 
	UNIQUE (county_id, day)
);
INSERT INTO "calendarday" VALUES('e06557e32fc3ba22','da35c8f69a1b5b5c','2026-10-01','HOLIDAY',NULL,'国庆节');
CREATE TABLE campus (
	id VARCHAR(16) NOT NULL, 
	school_id VARCHAR NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(school_id) REFERENCES school (id), 
	UNIQUE (code)
);
INSERT INTO "campus" VALUES('cdc6902be3a65b16','b1f81cff5d275c30','gb-1-c','校本部');
INSERT INTO "campus" VALUES('002c71db6f2d3b93','6258b5e47501379c','gb-2-c','校本部');
CREATE TABLE claim (
	id VARCHAR(16) NOT NULL, 
	resource VARCHAR(40) NOT NULL, 
	lesson_id VARCHAR NOT NULL, 
	leg_id VARCHAR, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT claim_is_not_empty CHECK (ends_at > starts_at), 
	FOREIGN KEY(leg_id) REFERENCES leg (id), 
	FOREIGN KEY(lesson_id) REFERENCES lesson (id)
);
INSERT INTO "claim" VALUES('d1355d9b5195f90d','class:9a2f6e0471367434','cafe50b6db6f8b2b','9af4e6230057c19a','2099-09-07 02:00:00.000000','2099-09-07 02:40:00.000000');
INSERT INTO "claim" VALUES('029feb7b945b894c','class:f74a00fddb02769e','cafe50b6db6f8b2b',NULL,'2099-09-07 02:00:00.000000','2099-09-07 02:40:00.000000');
INSERT INTO "claim" VALUES('9d0617ef6837fc8a','person:da971d8b96d5db16','cafe50b6db6f8b2b',NULL,'2099-09-07 02:00:00.000000','2099-09-07 02:40:00.000000');
INSERT INTO "claim" VALUES('75da530a5f5f0271','room:52c337db713625b4','cafe50b6db6f8b2b',NULL,'2099-09-07 02:00:00.000000','2099-09-07 02:40:00.000000');
INSERT INTO "claim" VALUES('ea4129fc10dfe1b8','room:5ffdfd0d4d75ebde','cafe50b6db6f8b2b','d224a4e0addeae4c','2099-09-07 02:00:00.000000','2099-09-07 02:40:00.000000');
INSERT INTO "claim" VALUES('16ba8d680920d02b','room:9b0fe4240630cf3e','cafe50b6db6f8b2b','9af4e6230057c19a','2099-09-07 02:00:00.000000','2099-09-07 02:40:00.000000');
INSERT INTO "claim" VALUES('a4e59e07d59c6fd2','room:c832d6ff75a09d5f','cafe50b6db6f8b2b','31fd33b0deda79fd','2099-09-07 02:00:00.000000','2099-09-07 02:40:00.000000');
INSERT INTO "claim" VALUES('c92105d23b9cd487','class:9a2f6e0471367434','67a01fdd8a721478','f29dae3687d6cc95','2026-11-29 14:48:00.000000','2026-11-29 14:48:40.699171');
INSERT INTO "claim" VALUES('5dc1cd5e661cde71','class:f74a00fddb02769e','67a01fdd8a721478',NULL,'2026-11-29 14:48:00.000000','2026-11-29 14:48:40.699171');
INSERT INTO "claim" VALUES('c2421cbcd3c41152','person:da971d8b96d5db16','67a01fdd8a721478',NULL,'2026-11-29 14:48:00.000000','2026-11-29 14:48:40.699171');
INSERT INTO "claim" VALUES('096957816ef31e92','room:52c337db713625b4','67a01fdd8a721478',NULL,'2026-11-29 14:48:00.000000','2026-11-29 14:48:40.699171');
INSERT INTO "claim" VALUES('31f987ccc7a4b9fe','room:5ffdfd0d4d75ebde','67a01fdd8a721478','91f3c50a146f3777','2026-11-29 14:48:00.000000','2026-11-29 14:48:40.699171');
INSERT INTO "claim" VALUES('f3f904b98c145cd4','room:9b0fe4240630cf3e','67a01fdd8a721478','f29dae3687d6cc95','2026-11-29 14:48:00.000000','2026-11-29 14:48:40.699171');
INSERT INTO "claim" VALUES('16bb4053d1553150','room:c832d6ff75a09d5f','67a01fdd8a721478','5915cf21d53f7cfb','2026-11-29 14:48:00.000000','2026-11-29 14:48:40.699171');
INSERT INTO "claim" VALUES('efe9a56c67fb51de','class:9a2f6e0471367434','11212ae68b0b0d0c','5bb6c06b9902574d','2026-11-29 14:51:00.000000','2026-11-29 14:53:00.000000');
INSERT INTO "claim" VALUES('7fdc08ebe664a1c1','class:f74a00fddb02769e','11212ae68b0b0d0c',NULL,'2026-11-29 14:51:00.000000','2026-11-29 14:53:00.000000');
INSERT INTO "claim" VALUES('35d175b5d13fb0e3','person:da971d8b96d5db16','11212ae68b0b0d0c',NULL,'2026-11-29 14:51:00.000000','2026-11-29 14:53:00.000000');
INSERT INTO "claim" VALUES('990d15879dba2031','room:52c337db713625b4','11212ae68b0b0d0c',NULL,'2026-11-29 14:51:00.000000','2026-11-29 14:53:00.000000');
INSERT INTO "claim" VALUES('e4fd825a6028f125','room:5ffdfd0d4d75ebde','11212ae68b0b0d0c','31ab9de1dfc82ffe','2026-11-29 14:51:00.000000','2026-11-29 14:53:00.000000');
INSERT INTO "claim" VALUES('69348b0fa8d3a67b','room:9b0fe4240630cf3e','11212ae68b0b0d0c','5bb6c06b9902574d','2026-11-29 14:51:00.000000','2026-11-29 14:53:00.000000');
INSERT INTO "claim" VALUES('6e33e7bba9f3769d','room:c832d6ff75a09d5f','11212ae68b0b0d0c','ed3d61e375ff3629','2026-11-29 14:51:00.000000','2026-11-29 14:53:00.000000');
CREATE TABLE classgroup (
	id VARCHAR(16) NOT NULL, 
	school_id VARCHAR NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	name VARCHAR NOT NULL, 
	grade INTEGER, 
	pupils INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(school_id) REFERENCES school (id), 
	UNIQUE (code)
);
INSERT INTO "classgroup" VALUES('f74a00fddb02769e','b1f81cff5d275c30','gb-1-3','三年级1班',3,42);
INSERT INTO "classgroup" VALUES('9a2f6e0471367434','6258b5e47501379c','gb-2-3','三年级1班',3,33);
CREATE TABLE community (
	id VARCHAR(16) NOT NULL, 
	county_id VARCHAR NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	starts_on DATE, 
	ends_on DATE, 
	note VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(county_id) REFERENCES county (id), 
	UNIQUE (code)
);
INSERT INTO "community" VALUES('a09fb167371355c2','da35c8f69a1b5b5c','gb-community','岗北教共体(虚构)','COMMUNITY',NULL,NULL,'');
CREATE TABLE correction (
	id VARCHAR(16) NOT NULL, 
	leg_id VARCHAR NOT NULL, 
	status VARCHAR(24) NOT NULL, 
	reason VARCHAR NOT NULL, 
	made_by VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(leg_id) REFERENCES leg (id)
);
INSERT INTO "correction" VALUES('e0a1b20c461cfaec','5915cf21d53f7cfb','PRESENT','在邻班教室听课','5a7f98f6a355f58a','2026-11-29 14:48:40.779727');
CREATE TABLE county (
	id VARCHAR(16) NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	name VARCHAR NOT NULL, 
	time_zone VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (code)
);
INSERT INTO "county" VALUES('da35c8f69a1b5b5c','gangbei','岗北县(虚构)','Asia/Shanghai');
CREATE TABLE headcount (
	id VARCHAR(16) NOT NULL, 
	leg_id VARCHAR NOT NULL, 
	pupils INTEGER NOT NULL, 
	counted_by VARCHAR NOT NULL, 
	counted_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(leg_id) REFERENCES leg (id)
);
INSERT INTO "headcount" VALUES('1e67733ddbe01d65','f29dae3687d6cc95',31,'5a7f98f6a355f58a','2026-11-29 14:48:40.670876');
CREATE TABLE idempotencykey (
	id VARCHAR(16) NOT NULL, 
	account_id VARCHAR(16) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	lesson_id VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(lesson_id) REFERENCES lesson (id), 
	UNIQUE (account_id, "key")
);
INSERT INTO "idempotencykey" VALUES('2d13645c04864cbe','c0b1bc4839afa7f4','copy-取消的课','eb709396466663753377fe854f710129754dd73a79cab7a8ae6d7d5d6056a568','b2b0e007e593086a','2026-11-29 14:47:14.081033');
INSERT INTO "idempotencykey" VALUES('de0d8c5a753a2534','c0b1bc4839afa7f4','copy-将来的课','9ce65ef4d309ef7995e692d61b801d191247d5ed883f2fe37396d4375330bbaf','cafe50b6db6f8b2b','2026-11-29 14:47:14.359295');
INSERT INTO "idempotencykey" VALUES('9b8b5624b1aba858','c0b1bc4839afa7f4','copy-上完的课','59856297b7df330527cb8f988fa5542cb272de4ea80b41fc44bff2b8f613f414','67a01fdd8a721478','2026-11-29 14:47:14.497993');
INSERT INTO "idempotencykey" VALUES('7f25d7caaf5ddb3c','c0b1bc4839afa7f4','copy-无人记录的课','95626b6de33ca1227a8637cb3e120d6cf800225ee0b5c44c7068bfb3fb3f248a','11212ae68b0b0d0c','2026-11-29 14:50:54.582742');
CREATE TABLE journalposition (
	node_id VARCHAR(32) NOT NULL, 
	seq INTEGER NOT NULL, 
	state JSON NOT NULL, 
	PRIMARY KEY (node_id)
);
INSERT INTO "journalposition" VALUES('n1',223,'{"boot": "df3b65bbea0b2e64", "latest": 1795963878.8259, "stages": ["11212ae68b0b0d0c"], "peers": [["df3b65bbea0b2e64", "252391af483c1d46a18538b0a4b2e2ce", "room:52c337db713625b4", "HOST", "11212ae68b0b0d0c", 1795963860.6674, 1795963879.0416, 1795963879.041, 3009, 2598354, [[1795963879.041, 1795963879.0416]], [[1795963860.6674, 1795963879.041]], [[1795963860.6674, 1795963879.041]]], ["df3b65bbea0b2e64", "cac80bf57240c539929cd1a6dd6e682f", "room:9b0fe4240630cf3e", "LEG", "11212ae68b0b0d0c", 1795963861.6351, 1795963879.0416, 1795963878.846, 2960, 2538774, [[1795963878.846, 1795963879.0416]], [[1795963861.6351, 1795963878.846]], [[1795963861.6351, 1795963878.846]]]], "reports": [["df3b65bbea0b2e64", "ws-3b827f186daa036dd6fa2686", "room:52c337db713625b4", "HOST", "11212ae68b0b0d0c", 1795963878.8259, 1795963860.6674, 363, false, [[1795963860.6674, 1795963878.8259]], [[1795963860.6674, 1795963878.8259]], [[1795963860.6674, 1795963878.8259]]], ["df3b65bbea0b2e64", "ws-56c8df93b5d6de14dd42973b", "room:9b0fe4240630cf3e", "LEG", "11212ae68b0b0d0c", 1795963878.6034, 1795963861.6351, 358, false, [[1795963861.6351, 1795963878.6034]], [[1795963861.6351, 1795963878.6034]], [[1795963861.6351, 1795963878.6034]]]]}');
CREATE TABLE leg (
	id VARCHAR(16) NOT NULL, 
	lesson_id VARCHAR NOT NULL, 
	school_id VARCHAR NOT NULL, 
	room_id VARCHAR NOT NULL, 
	class_id VARCHAR, 
	assistant_id VARCHAR, 
	state VARCHAR(24) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(assistant_id) REFERENCES person (id), 
	FOREIGN KEY(class_id) REFERENCES classgroup (id), 
	FOREIGN KEY(lesson_id) REFERENCES lesson (id), 
	FOREIGN KEY(room_id) REFERENCES room (id), 
	FOREIGN KEY(school_id) REFERENCES school (id), 
	UNIQUE (lesson_id, room_id)
);
INSERT INTO "leg" VALUES('a6f7426cc4107292','b2b0e007e593086a','6258b5e47501379c','9b0fe4240630cf3e','9a2f6e0471367434',NULL,'INVITED');
INSERT INTO "leg" VALUES('ed0a11647b9814dd','b2b0e007e593086a','6258b5e47501379c','5ffdfd0d4d75ebde',NULL,NULL,'INVITED');
INSERT INTO "leg" VALUES('40132220a08f4636','b2b0e007e593086a','6258b5e47501379c','c832d6ff75a09d5f',NULL,NULL,'INVITED');
INSERT INTO "leg" VALUES('9af4e6230057c19a','cafe50b6db6f8b2b','6258b5e47501379c','9b0fe4240630cf3e','9a2f6e0471367434',NULL,'INVITED');
INSERT INTO "leg" VALUES('d224a4e0addeae4c','cafe50b6db6f8b2b','6258b5e47501379c','5ffdfd0d4d75ebde',NULL,NULL,'INVITED');
INSERT INTO "leg" VALUES('31fd33b0deda79fd','cafe50b6db6f8b2b','6258b5e47501379c','c832d6ff75a09d5f',NULL,NULL,'INVITED');
INSERT INTO "leg" VALUES('f29dae3687d6cc95','67a01fdd8a721478','6258b5e47501379c','9b0fe4240630cf3e','9a2f6e0471367434',NULL,'LEFT');
INSERT INTO "leg" VALUES('91f3c50a146f3777','67a01fdd8a721478','6258b5e47501379c','5ffdfd0d4d75ebde',NULL,NULL,'LEFT');
INSERT INTO "leg" VALUES('5915cf21d53f7cfb','67a01fdd8a721478','6258b5e47501379c','c832d6ff75a09d5f',NULL,NULL,'DECLINED');
INSERT INTO "leg" VALUES('5bb6c06b9902574d','11212ae68b0b0d0c','6258b5e47501379c','9b0fe4240630cf3e','9a2f6e0471367434',NULL,'ATTENDING');
INSERT INTO "leg" VALUES('31ab9de1dfc82ffe','11212ae68b0b0d0c','6258b5e47501379c','5ffdfd0d4d75ebde',NULL,NULL,'INVITED');
INSERT INTO "leg" VALUES('ed3d61e375ff3629','11212ae68b0b0d0c','6258b5e47501379c','c832d6ff75a09d5f',NULL,NULL,'INVITED');
CREATE TABLE legfigures (
	leg_id VARCHAR(16) NOT NULL, 
	lesson_id VARCHAR(16) NOT NULL, 
	status VARCHAR(24) NOT NULL, 
	joined_at DATETIME, 
	left_at DATETIME, 
	minutes_received FLOAT NOT NULL, 
	minutes_shown FLOAT NOT NULL, 
	minutes_heard FLOAT NOT NULL, 
	late_seconds INTEGER NOT NULL, 
	early_seconds INTEGER NOT NULL, 
	interruptions INTEGER NOT NULL, 
	lost_seconds FLOAT NOT NULL, 
	PRIMARY KEY (leg_id), 
	FOREIGN KEY(leg_id) REFERENCES leg (id), 
	FOREIGN KEY(lesson_id) REFERENCES lesson (id)
);
INSERT INTO "legfigures" VALUES('f29dae3687d6cc95','67a01fdd8a721478','PRESENT','2026-11-29 14:48:00.127000','2026-11-29 14:48:40.188000',0.67,0.67,0.67,0,0,0,0.0);
INSERT INTO "legfigures" VALUES('5915cf21d53f7cfb','67a01fdd8a721478','ABSENT',NULL,NULL,0.0,0.0,0.0,0,0,0,0.0);
INSERT INTO "legfigures" VALUES('91f3c50a146f3777','67a01fdd8a721478','EARLY_LEAVE','2026-11-29 14:48:00.076000','2026-11-29 14:48:24.206000',0.4,0.4,0.4,0,16,0,0.0);
CREATE TABLE lesson (
	id VARCHAR(16) NOT NULL, 
	county_id VARCHAR NOT NULL, 
	community_id VARCHAR, 
	title VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	mode VARCHAR(24) NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	state VARCHAR(24) NOT NULL, 
	host_room_id VARCHAR NOT NULL, 
	host_teacher_id VARCHAR NOT NULL, 
	host_class_id VARCHAR, 
	starts_at DATETIME NOT NULL, 
	ends_at DATETIME NOT NULL, 
	actual_started_at DATETIME, 
	actual_ended_at DATETIME, 
	created_by VARCHAR, 
	created_at DATETIME NOT NULL, 
	cancel_reason VARCHAR NOT NULL, 
	version INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES community (id), 
	FOREIGN KEY(county_id) REFERENCES county (id), 
	FOREIGN KEY(host_class_id) REFERENCES classgroup (id), 
	FOREIGN KEY(host_room_id) REFERENCES room (id), 
	FOREIGN KEY(host_teacher_id) REFERENCES person (id)
);
INSERT INTO "lesson" VALUES('b2b0e007e593086a','da35c8f69a1b5b5c','a09fb167371355c2','取消的课','语文','INTERACTIVE','MASTER','CANCELLED','52c337db713625b4','da971d8b96d5db16','f74a00fddb02769e','2026-11-30 14:48:00.000000','2026-11-30 15:28:00.000000',NULL,NULL,'c0b1bc4839afa7f4','2026-11-29 14:47:14.081033','停电',2);
INSERT INTO "lesson" VALUES('cafe50b6db6f8b2b','da35c8f69a1b5b5c','a09fb167371355c2','将来的课','语文','INTERACTIVE','MASTER','BOOKED','52c337db713625b4','da971d8b96d5db16','f74a00fddb02769e','2099-09-07 02:00:00.000000','2099-09-07 02:40:00.000000',NULL,NULL,'c0b1bc4839afa7f4','2026-11-29 14:47:14.359295','',2);
INSERT INTO "lesson" VALUES('67a01fdd8a721478','da35c8f69a1b5b5c','a09fb167371355c2','上完的课','语文','INTERACTIVE','MASTER','ARCHIVED','52c337db713625b4','da971d8b96d5db16','f74a00fddb02769e','2026-11-29 14:48:00.000000','2026-11-29 14:58:00.000000','2026-11-29 14:48:00.000000','2026-11-29 14:48:40.699171','c0b1bc4839afa7f4','2026-11-29 14:47:14.497993','',2);
INSERT INTO "lesson" VALUES('11212ae68b0b0d0c','da35c8f69a1b5b5c','a09fb167371355c2','无人记录的课','语文','INTERACTIVE','MASTER','LIVE','52c337db713625b4','da971d8b96d5db16','f74a00fddb02769e','2026-11-29 14:51:00.000000','2026-11-29 14:53:00.000000','2026-11-29 14:51:00.000000',NULL,'c0b1bc4839afa7f4','2026-11-29 14:50:54.582742','',1);
CREATE TABLE lessonfigures (
	lesson_id VARCHAR(16) NOT NULL, 
	policy VARCHAR(64) NOT NULL, 
	PRIMARY KEY (lesson_id), 
	FOREIGN KEY(lesson_id) REFERENCES lesson (id)
);
INSERT INTO "lessonfigures" VALUES('67a01fdd8a721478','e8c194baf0da0fe75ede68db98abc92d2897c4d98c0b78c4180065fb5a0a846b');
CREATE TABLE membership (
	id VARCHAR(16) NOT NULL, 
	community_id VARCHAR NOT NULL, 
	school_id VARCHAR, 
	member_community_id VARCHAR, 
	role VARCHAR(24) NOT NULL, 
	from_on DATE, 
	until_on DATE, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES community (id), 
	FOREIGN KEY(member_community_id) REFERENCES community (id), 
	FOREIGN KEY(school_id) REFERENCES school (id), 
	UNIQUE (community_id, member_community_id), 
	UNIQUE (community_id, school_id)
);
INSERT INTO "membership" VALUES('65e297450c2dc36c','a09fb167371355c2','b1f81cff5d275c30',NULL,'CORE',NULL,NULL);
INSERT INTO "membership" VALUES('3a6f925a87aacb2a','a09fb167371355c2','6258b5e47501379c',NULL,'MEMBER',NULL,NULL);
CREATE TABLE node (
	id VARCHAR(32) NOT NULL, 
	boot VARCHAR(32) NOT NULL, 
	public_url VARCHAR NOT NULL, 
	last_seen_at DATETIME, draining BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "node" VALUES('n1','df3b65bbea0b2e64','http://127.0.0.1:20202','2026-11-29 14:50:56.026294',0);
CREATE TABLE pairingcode (
	id VARCHAR(16) NOT NULL, 
	code VARCHAR(12) NOT NULL, 
	secret_hash VARCHAR(64) NOT NULL, 
	user_agent VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	terminal_id VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(terminal_id) REFERENCES terminal (id), 
	UNIQUE (code)
);
CREATE TABLE period (
	id VARCHAR(16) NOT NULL, 
	bell_schedule_id VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	starts TIME NOT NULL, 
	ends TIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(bell_schedule_id) REFERENCES bellschedule (id), 
	UNIQUE (bell_schedule_id, number)
);
INSERT INTO "period" VALUES('d86e5948a11b4eb9','22cb19feba54c3de',1,'第1节','08:00:00.000000','08:40:00.000000');
INSERT INTO "period" VALUES('ad9c241ffe5cf194','22cb19feba54c3de',2,'第2节','08:50:00.000000','09:30:00.000000');
INSERT INTO "period" VALUES('d48adf960d2b6a16','b2b55d6cb7cf718a',1,'第1节','08:00:00.000000','08:40:00.000000');
INSERT INTO "period" VALUES('1a401094bee77f95','b2b55d6cb7cf718a',2,'第2节','08:50:00.000000','09:30:00.000000');
CREATE TABLE person (
	id VARCHAR(16) NOT NULL, 
	county_id VARCHAR NOT NULL, 
	school_id VARCHAR, 
	code VARCHAR(64) NOT NULL, 
	name VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(county_id) REFERENCES county (id), 
	FOREIGN KEY(school_id) REFERENCES school (id), 
	UNIQUE (code)
);
INSERT INTO "person" VALUES('5a7f98f6a355f58a','da35c8f69a1b5b5c',NULL,'gangbei-admin-dean','岗北管理员','');
INSERT INTO "person" VALUES('da971d8b96d5db16','da35c8f69a1b5b5c','b1f81cff5d275c30','gb-1-chen','陈老师(虚构)','');
INSERT INTO "person" VALUES('bedadaccba234e93','da35c8f69a1b5b5c','6258b5e47501379c','gb-2-li','李老师(虚构)','');
CREATE TABLE placement (
	lesson_id VARCHAR(16) NOT NULL, 
	node_id VARCHAR(32) NOT NULL, 
	placed_at DATETIME NOT NULL, 
	PRIMARY KEY (lesson_id), 
	FOREIGN KEY(lesson_id) REFERENCES lesson (id)
);
CREATE TABLE rolegrant (
	id VARCHAR(16) NOT NULL, 
	account_id VARCHAR NOT NULL, 
	role VARCHAR(24) NOT NULL, 
	community_id VARCHAR, 
	school_id VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(account_id) REFERENCES account (id), 
	FOREIGN KEY(community_id) REFERENCES community (id), 
	FOREIGN KEY(school_id) REFERENCES school (id), 
	UNIQUE (account_id, role, community_id, school_id)
);
INSERT INTO "rolegrant" VALUES('d1a8ac55a9f05a10','c0b1bc4839afa7f4','COUNTY_ADMIN',NULL,NULL);
CREATE TABLE room (
	id VARCHAR(16) NOT NULL, 
	campus_id VARCHAR NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR(24) NOT NULL, 
	seats INTEGER, 
	active BOOLEAN NOT NULL, source_url VARCHAR DEFAULT '' NOT NULL, source_shown VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(campus_id) REFERENCES campus (id), 
	UNIQUE (code)
);
INSERT INTO "room" VALUES('52c337db713625b4','cdc6902be3a65b16','host','录播教室','RECORDING',50,1,'','');
INSERT INTO "room" VALUES('a5ad86c8835e69b0','cdc6902be3a65b16','rtsp','二号录播教室','RECORDING',40,1,'siv1:-n5grpzwjiWQLsPF3b9ggAjwY1IAvJQs6yxVoDiQrcquzf43cyuux8Rgf3ukbAV708SDyuTRbdk=','rtsp://192.0.2.7:554');
INSERT INTO "room" VALUES('9b0fe4240630cf3e','002c71db6f2d3b93','near','三年级教室','INTERACTIVE',40,1,'','');
INSERT INTO "room" VALUES('5ffdfd0d4d75ebde','002c71db6f2d3b93','far','四年级教室','INTERACTIVE',40,1,'','');
INSERT INTO "room" VALUES('c832d6ff75a09d5f','002c71db6f2d3b93','dark','五年级教室','INTERACTIVE',40,1,'','');
CREATE TABLE school (
	id VARCHAR(16) NOT NULL, 
	county_id VARCHAR NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	name VARCHAR NOT NULL, 
	tier VARCHAR(24) NOT NULL, 
	stage VARCHAR(24) NOT NULL, 
	synthetic BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(county_id) REFERENCES county (id), 
	UNIQUE (code)
);
INSERT INTO "school" VALUES('b1f81cff5d275c30','da35c8f69a1b5b5c','gb-1','岗北一小(虚构)','COUNTY','PRIMARY',0);
INSERT INTO "school" VALUES('6258b5e47501379c','da35c8f69a1b5b5c','gb-2','石湾小学(虚构)','TOWN','PRIMARY',0);
CREATE TABLE session (
	id VARCHAR(16) NOT NULL, 
	account_id VARCHAR NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	csrf_token VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_seen_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(account_id) REFERENCES account (id), 
	UNIQUE (token_hash)
);
CREATE TABLE term (
	id VARCHAR(16) NOT NULL, 
	county_id VARCHAR NOT NULL, 
	code VARCHAR(64) NOT NULL, 
	name VARCHAR NOT NULL, 
	starts_on DATE NOT NULL, 
	ends_on DATE NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(county_id) REFERENCES county (id), 
	UNIQUE (code)
);
INSERT INTO "term" VALUES('886e02ed6cc7d0b2','da35c8f69a1b5b5c','2026-autumn','2026年秋(虚构)','2026-09-01','2027-01-31');
CREATE TABLE terminal (
	id VARCHAR(16) NOT NULL, 
	room_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	approved_by VARCHAR, 
	approved_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	last_seen_at DATETIME, 
	state VARCHAR(24) NOT NULL, 
	detail JSON NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(room_id) REFERENCES room (id), 
	UNIQUE (token_hash)
);
INSERT INTO "terminal" VALUES('d26ed5bab84d12a1','52c337db713625b4','录播教室','4740ae6347b0172c01254ff55bae5aff5199f4446e7f6d643d40185b3f475145','c0b1bc4839afa7f4','2026-11-29 14:47:04.471503',NULL,'2026-11-29 14:51:15.949785','IN_LESSON','{"lesson_id": "11212ae68b0b0d0c", "role": "HOST", "node": "http://127.0.0.1:20202", "joins": 1, "frames": 303, "last_outcome": ""}');
INSERT INTO "terminal" VALUES('0337abf97e0be278','9b0fe4240630cf3e','三年级教室','46ba34770bccfde756708d47d83fb7c8257fe8a4b3a35f25d385a8284021f476','c0b1bc4839afa7f4','2026-11-29 14:47:06.950160',NULL,'2026-11-29 14:51:16.641777','IN_LESSON','{"lesson_id": "11212ae68b0b0d0c", "role": "LEG", "node": "http://127.0.0.1:20202", "joins": 1, "frames": 308, "last_outcome": ""}');
INSERT INTO "terminal" VALUES('f97d8e517c5bf9bc','5ffdfd0d4d75ebde','四年级教室','512eea46ceb3921dff4363c7069d89d4964d1d9fccaa0f411851a7aa60a5c868','c0b1bc4839afa7f4','2026-11-29 14:47:09.400789',NULL,'2026-11-29 14:48:15.300588','IN_LESSON','{"lesson_id": "67a01fdd8a721478", "role": "LEG", "node": "http://127.0.0.1:20202", "joins": 1, "frames": 300, "last_outcome": ""}');
INSERT INTO "terminal" VALUES('66e114a1fa72656e','c832d6ff75a09d5f','五年级教室','e6bb5689beec52c4672bd4df92c3613d128d30cdc2b704f76953fe43d89c4ae8','c0b1bc4839afa7f4','2026-11-29 14:47:12.870741','2026-11-29 14:47:12.918133',NULL,'OFFLINE','{}');
CREATE INDEX ix_community_county_id ON community (county_id);
CREATE INDEX ix_school_county_id ON school (county_id);
CREATE INDEX ix_agreement_community_id ON agreement (community_id);
CREATE INDEX ix_campus_school_id ON campus (school_id);
CREATE INDEX ix_classgroup_school_id ON classgroup (school_id);
CREATE INDEX ix_membership_community_id ON membership (community_id);
CREATE INDEX ix_membership_school_id ON membership (school_id);
CREATE INDEX ix_person_county_id ON person (county_id);
CREATE INDEX ix_person_school_id ON person (school_id);
CREATE INDEX ix_room_campus_id ON room (campus_id);
CREATE UNIQUE INDEX ix_terminal_one_live_a_room ON terminal (room_id) WHERE revoked_at IS NULL;
CREATE INDEX ix_terminal_room_id ON terminal (room_id);
CREATE INDEX ix_calendarday_county_id ON calendarday (county_id);
CREATE INDEX ix_term_county_id ON term (county_id);
CREATE INDEX ix_period_bell_schedule_id ON period (bell_schedule_id);
CREATE INDEX ix_attempt_at ON attempt (at);
CREATE INDEX ix_attempt_bucket ON attempt (bucket);
CREATE INDEX ix_rolegrant_account_id ON rolegrant (account_id);
CREATE INDEX ix_session_account_id ON session (account_id);
CREATE INDEX ix_auditevent_account_id ON auditevent (account_id);
CREATE INDEX ix_auditevent_at ON auditevent (at);
CREATE INDEX ix_lesson_community_id ON lesson (community_id);
CREATE INDEX ix_lesson_ends_at ON lesson (ends_at);
CREATE INDEX ix_lesson_host_room_id ON lesson (host_room_id);
CREATE INDEX ix_lesson_host_teacher_id ON lesson (host_teacher_id);
CREATE INDEX ix_lesson_starts_at ON lesson (starts_at);
CREATE INDEX ix_lesson_state ON lesson (state);
CREATE INDEX ix_leg_lesson_id ON leg (lesson_id);
CREATE INDEX ix_leg_room_id ON leg (room_id);
CREATE INDEX ix_leg_school_id ON leg (school_id);
CREATE INDEX ix_claim_lesson_id ON claim (lesson_id);
CREATE INDEX ix_claim_resource_starts_at ON claim (resource, starts_at);
CREATE INDEX ix_attendancefact_room_id ON attendancefact (room_id);
CREATE INDEX ix_correction_leg_id ON correction (leg_id);
CREATE INDEX ix_headcount_leg_id ON headcount (leg_id);
CREATE TRIGGER claim_no_overlap_insert BEFORE INSERT ON claim
WHEN 
EXISTS (
    SELECT 1 FROM claim AS held
    WHERE held.resource = NEW.resource
      AND held.starts_at < NEW.ends_at
      AND held.starts_at >= strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '-1 day', '-0.005 seconds')
      AND held.ends_at > NEW.starts_at
      AND held.id <> NEW.id
)

BEGIN SELECT RAISE(ABORT, 'claim_no_overlap'); END;
CREATE TRIGGER claim_no_overlap_update BEFORE UPDATE ON claim
WHEN 
EXISTS (
    SELECT 1 FROM claim AS held
    WHERE held.resource = NEW.resource
      AND held.starts_at < NEW.ends_at
      AND held.starts_at >= strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '-1 day', '-0.005 seconds')
      AND held.ends_at > NEW.starts_at
      AND held.id <> NEW.id
)

BEGIN SELECT RAISE(ABORT, 'claim_no_overlap'); END;
CREATE TRIGGER claim_lasts_a_day_insert BEFORE INSERT ON claim
WHEN 
NEW.ends_at > strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '+1 day') || '999'
OR strftime('%Y', NEW.starts_at) IS NULL OR strftime('%Y', NEW.ends_at) IS NULL

BEGIN SELECT RAISE(ABORT, 'claim_lasts_a_day_at_most'); END;
CREATE TRIGGER claim_lasts_a_day_update BEFORE UPDATE ON claim
WHEN 
NEW.ends_at > strftime('%Y-%m-%d %H:%M:%f', NEW.starts_at, '+1 day') || '999'
OR strftime('%Y', NEW.starts_at) IS NULL OR strftime('%Y', NEW.ends_at) IS NULL

BEGIN SELECT RAISE(ABORT, 'claim_lasts_a_day_at_most'); END;
CREATE TRIGGER attendancefact_append_only BEFORE UPDATE ON attendancefact
BEGIN SELECT RAISE(ABORT, 'attendance facts are append-only'); END;
CREATE INDEX ix_legfigures_lesson_id ON legfigures (lesson_id);
CREATE INDEX ix_leg_assistant_id ON leg (assistant_id);
CREATE INDEX ix_lesson_county_id_starts_at ON lesson (county_id, starts_at);
COMMIT;
