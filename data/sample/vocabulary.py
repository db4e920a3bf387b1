"""The words of the sample county: its places, names, duties and the sentences clerks write.

Townships are the real eighteen of Danjiangkou; people, villages, figures and events are invented.
"""

from typing import Final, NamedTuple


class Township(NamedTuple):
    """One township-level place: register columns, seats in the county congress, seats of its own.

    `strength` multiplies what its delegates do, 1.0 being the county's usual pace; `drift` is
    added to it in every quarter from the `drifts_from`-th quarter of the sample on.
    """

    name: str
    kind: str
    code: str
    households: int
    voters: int
    leader: str
    county_seats: int
    own_seats: int
    strength: float
    drift: float = 0.0
    drifts_from: int = 0


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Streets and administrative districts have no people's congress of their own, hence no own seats.
TOWNSHIPS: Final = (
    Township("均州路街道", "街道", "JZL", 21840, 50310, "周立平", 26, 0, 1.12),
    Township("大坝街道", "街道", "DB", 18230, 41720, "许文澜", 23, 0, 0.98),
    Township("丹赵路街道", "街道", "DZL", 12460, 28190, "周立平", 14, 0, 1.06),
    Township("三官殿街道", "街道", "SGD", 13970, 33050, "梅国安", 17, 0, 0.84),
    Township("浪河镇", "镇", "LH", 8740, 22160, "许文澜", 14, 58, 1.18),
    Township("丁家营镇", "镇", "DJY", 7920, 20480, "童远志", 13, 55, 0.94),
    Township("六里坪镇", "镇", "LLP", 15120, 38260, "邢秋华", 22, 79, 1.24),
    Township("盐池河镇", "镇", "YCH", 5210, 12870, "梅国安", 9, 47, 0.80),
    Township("均县镇", "镇", "JX", 6840, 17230, "童远志", 12, 54, 1.02),
    Township("习家店镇", "镇", "XJD", 11280, 29640, "柯正明", 18, 66, 0.68, 0.042),
    Township("蒿坪镇", "镇", "HP", 6130, 15470, "邢秋华", 10, 49, 1.16, -0.085, 8),
    Township("石鼓镇", "镇", "SG", 7380, 19120, "柯正明", 12, 53, 0.90),
    Township("凉水河镇", "镇", "LSH", 7690, 19850, "简春生", 13, 54, 1.08),
    Township("官山镇", "镇", "GS", 5480, 13590, "简春生", 10, 46, 0.88),
    Township("龙山镇", "镇", "LS", 6270, 15980, "沈若兰", 11, 49, 1.00),
    Township("土关垭镇", "镇", "TGY", 8150, 21340, "沈若兰", 13, 60, 0.92),
    Township("白杨坪管理区", "管理区", "BYP", 3940, 9860, "龚维新", 12, 0, 0.96),
    Township("大沟管理区", "管理区", "DG", 3120, 7740, "龚维新", 11, 0, 0.78),
)

SURNAMES: Final = (
    "王王王李李李张张张刘刘刘陈陈陈杨杨黄黄周周吴徐徐胡胡朱高何何郭马罗罗梁宋郑谢韩唐冯董程程曹"
    "袁邓许沈曾彭吕苏卢蒋蔡贾丁魏薛叶余余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊熊金陆郝孔白崔康毛邱"
    "秦江史顾侯邵孟龙万段雷汤尹黎易常武贺龚文柯梅饶明阮占"
)
GIVEN: Final = {
    "男": "国建文志华明军平强勇伟峰涛波斌辉刚鹏飞海山林成"
    "德永光荣庆祥忠义学才福生春宏远东立新正清云发金",
    "女": "秀英丽红梅兰芳玲燕霞娟萍艳琴雪慧敏静洁莉倩婷"
    "颖琳琼珍桂香凤菊云春晓雅欣怡蓉晴月华爱玉巧淑文",
}
# Characters outside the basic plane, Extension A and old fonts: what breaks careless software.
RARE_NAMES: Final = (("李𠮷祥", "男"), ("王㛃", "女"), ("周䶮", "男"), ("刘𠮷安", "男"))

EXPERTISE: Final = _listed(
    "柑橘种植 水产养殖 畜牧兽医 教育教学 医疗卫生 法律实务 企业管理 建筑施工 电子商务 文化旅游 "
    "财务会计 环境保护 社区治理 农机维修 交通运输 水利工程 茶叶加工 社会工作"
)
VILLAGE_HEADS: Final = _listed(
    "青石河 柳树沟 白龙泉 黄家湾 龙家河 油坊岭 枣园 茯苓沟 双庙 石桥 银洞山 茶亭 八亩地 清水河 "
    "三岔口 金竹园 小寨 凤凰台 杨家川 老君庙 土桥沟 石门 关门岩 松树坪 七里沟 莲花池 月亮湾 黑虎庙 "
    "鲁家寨 江北 沙陀营 水田畈 橘乡 梅子沟 高庙 铜鼓"
)
STREET_HEADS: Final = _listed(
    "沿江 坝上 滨湖 新港 车站路 人民路 桃园 丹江 东环 水都 明珠 武当路 金岗 右岸 和平 朝阳 文昌 "
    "翠湖 北郊 长岭"
)

CO_CREATION: Final = "共同缔造"
CLEAR_WATER: Final = "守护一泓碧水"

# Townships on the shore of the reservoir.
SHORE: Final = _listed(
    "均州路街道 大坝街道 丹赵路街道 三官殿街道 浪河镇 丁家营镇 均县镇 习家店镇 石鼓镇 凉水河镇 龙山镇"
)

CENTRE_NAME: Final = "丹江口市人大代表服务中心"
# Where contact points are, by whether the township is a street.
HOSTS: Final = {
    True: _listed("农贸市场 商业街 产业园 物业服务中心 社区医院 零工驿站 快递驿站"),
    False: _listed(
        "柑橘专业合作社 茶叶专业合作社 生态渔场 集贸市场 移民安置点 民宿集群 卫生室 中心学校 码头"
    ),
}

VISIT: Final = "入户走访"
RECEPTION: Final = "接待选民"
THEME: Final = "主题活动"
# What a delegate of ordinary energy records in a quarter, and the sentences the records carry.
ACTIVITIES: Final[dict[str, tuple[float, tuple[str, ...]]]] = {
    VISIT: (
        1.95,
        _listed(
            "走访包联户，了解春耕备耕和用工情况 看望独居老人，检查用电用火安全 "
            "了解柑橘销路和仓储困难 走访移民户，了解就业增收情况 上门听取对村内道路和路灯的意见 "
            "走访监测户，核对帮扶措施落实情况 听取住户对垃圾清运和污水管网的意见 "
            "走访养殖户，宣传库区水质保护要求 了解学生上学和留守儿童照料情况 "
            "走访小微企业，了解用工和贷款需求"
        ),
    ),
    RECEPTION: (
        1.2,
        _listed(
            "在代表联络站接待选民，登记诉求 接待日听取物业管理方面的意见 "
            "接待选民，解释医保报销政策 与选民座谈饮水管网改造进度 接待返乡务工人员，听取创业诉求 "
            "接待选民，协调邻里地界纠纷"
        ),
    ),
    "政策宣讲": (
        0.95,
        _listed(
            "宣讲代表法修改要点 宣讲党的惠农政策 宣讲丹江口库区水污染防治条例 "
            "院子会宣讲防汛和森林防火要求 宣讲反诈骗和养老保险政策 宣讲高标准农田建设政策"
        ),
    ),
    THEME: (
        0.45,
        _listed(
            "清理库岸漂浮物，劝导垂钓人员 参加村湾环境整治，清理房前屋后 "
            "组织村民议事，商定小广场选址 巡河并记录排污口情况 栽植护岸林，维护消落带植被 "
            "带头认领小菜园、小果园改造"
        ),
    ),
    "小组活动": (
        0.42,
        _listed(
            "代表小组学习讨论 代表小组交流履职情况 代表小组商定下季度走访安排 代表小组实地看项目"
        ),
    ),
    "志愿服务": (
        0.36,
        _listed("参加防汛值守 义务修剪果树并作技术指导 参加文明交通劝导 义诊并建立健康档案"),
    ),
    "履职笔记": (
        0.36,
        _listed("记录民情日记 整理走访中反映的问题 学习人大制度心得 记录建议办理跟踪情况"),
    ),
}

# How often these are done at a station.
AT_A_STATION: Final = {
    RECEPTION: 0.94,
    "政策宣讲": 0.55,
    THEME: 0.4,
    "小组活动": 0.7,
    "志愿服务": 0.12,
}


class Category(NamedTuple):
    """A field of public concern: who answers for it, what voters ask, what delegates propose."""

    name: str
    agency: str
    requests: tuple[str, ...]
    proposals: tuple[str, ...]


CATEGORIES: Final = (
    Category(
        "道路交通",
        "市交通运输局",
        _listed(
            "通组路路面破损，雨天难行 路口缺少减速带和反光镜 公交班次少，赶集不便 路灯损坏多处未修"
        ),
        _listed("硬化通组公路 增设临水临崖护栏 优化城乡公交线路 修复水毁路段"),
    ),
    Category(
        "饮水安全",
        "市水利和湖泊局",
        _listed("高处住户夏季水压不足 自来水管网老化漏水 安置点饮水有浑浊现象 蓄水池需要清淤"),
        _listed("改造农村饮水管网 建设集中供水备用水源 治理小流域水土流失 整修山塘堰渠"),
    ),
    Category(
        "环境卫生",
        "市生态环境局",
        _listed("垃圾清运不及时 污水管网堵塞返味 库岸漂浮物需要打捞 畜禽养殖气味扰民"),
        _listed("完善库区垃圾打捞机制 建设村级污水处理设施 加强消落带保护 推行垃圾分类收运"),
    ),
    Category(
        "教育医疗",
        "市卫健局",
        _listed("村卫生室常用药不全 希望专家定期下乡坐诊 孕产妇检查路途远 慢性病购药报销手续多"),
        _listed("充实乡镇卫生院专科医生 推进村卫生室标准化建设 增加急救站点 做实家庭医生签约"),
    ),
    Category(
        "学校建设",
        "市教育局",
        _listed("校门口上下学拥堵 寄宿生热水供应不足 希望增加课后服务项目 教学点体育器材陈旧"),
        _listed("扩建城区小学学位 改善乡镇学校寄宿条件 补充音体美教师 规范校外托管机构"),
    ),
    Category(
        "住房物业",
        "市住建局",
        _listed("小区物业服务不到位 老旧小区屋面漏水 电动车充电桩不足 楼道堆放杂物占用通道"),
        _listed("推进老旧小区改造 规范物业服务收费 增加城区停车泊位 加快安置房办证"),
    ),
    Category(
        "农业生产",
        "市农业农村局",
        _listed(
            "柑橘黄龙病防治缺少指导 机耕路不通，农机难进田 野猪毁坏庄稼 希望组织农产品产销对接"
        ),
        _listed("建设柑橘冷链仓储 扶持水产生态养殖转型 推进高标准农田建设 培育农业社会化服务组织"),
    ),
    Category(
        "社会治安",
        "市公安局",
        _listed("夜间飙车噪声大 集市占道经营 电信诈骗多发，希望加强宣传 村口监控损坏"),
        _listed("补齐农村视频监控 整治国道路口安全隐患 加强校园周边巡防 完善矛盾纠纷调处机制"),
    ),
    Category(
        "养老服务",
        "市民政局",
        _listed("独居老人吃饭不便 希望建设日间照料室 高龄补贴发放时间晚 老人活动场地不足"),
        _listed("建设社区老年食堂 改造农村福利院 增加居家适老化改造名额 健全留守老人巡访制度"),
    ),
    Category(
        "文化旅游",
        "市文化和旅游局",
        _listed("文化广场器材损坏 农家书屋图书陈旧 景区周边停车难 希望恢复传统灯会"),
        _listed("打造环库旅游公路驿站 保护均州古城文化遗存 扶持民宿集群发展 修缮村级文化广场"),
    ),
    Category(
        "移民就业",
        "市人社局",
        _listed("安置点就近务工机会少 技能培训与岗位不对口 零工市场缺少遮雨棚 返乡创业贷款手续繁"),
        _listed("加大移民后续帮扶 建设零工驿站 支持返乡创业园 开展订单式技能培训"),
    ),
    Category(
        "土地规划",
        "市自然资源和规划局",
        _listed("宅基地审批时间长 承包地界址不清 地质灾害点需要排险 征地补偿公示不清楚"),
        _listed("加快村庄规划编制 治理地质灾害隐患点 盘活闲置宅基地 规范征地补偿程序"),
    ),
)
# How many times the usual time these agencies take to answer.
SLOW_AGENCIES: Final = {"市住建局": 1.14, "市自然资源和规划局": 1.2, "市交通运输局": 1.06}

# Event numbers are 2024Q1-H01, 2024Q1-S01 and so on.
EVENT_LETTERS: Final = {"会议": "H", "视察": "S", "执法检查": "J", "专题调研": "D", "学习培训": "X"}
# The yearly sessions: title, and the year before each congress met first.
SESSIONS: Final = {
    "省级": ("湖北省第十四届人民代表大会第{}次会议", 2022),
    "地市级": ("十堰市第六届人民代表大会第{}次会议", 2021),
    "县级": ("丹江口市第十届人民代表大会第{}次会议", 2021),
}
# What else delegates are invited to: how often in a quarter of 2025, and the subjects.
EVENTS: Final[dict[str, tuple[float, tuple[str, ...]]]] = {
    "视察": (
        5.0,
        _listed("重点项目建设 农村饮水安全 库区水质保护 老旧小区改造 乡村振兴 中小学校园安全"),
    ),
    "执法检查": (
        2.4,
        _listed("水污染防治法 安全生产法 食品安全法 老年人权益保障法 城乡规划法 农产品质量安全法"),
    ),
    "专题调研": (
        5.6,
        _listed("柑橘产业发展 基层医疗服务 移民后扶项目 物业管理 营商环境 养老服务体系 水产转型"),
    ),
    "学习培训": (
        5.6,
        _listed("代表履职能力培训 代表法专题学习 建议撰写培训 预算审查知识讲座 联络站工作培训"),
    ),
}

BONUSES: Final = (
    ("荣获市级优秀代表", 3),
    ("建议获评重点建议", 2),
    ("所在代表小组获评先进小组", 1),
    ("防汛抢险表现突出受到通报表扬", 2),
    ("履职事迹被省级媒体报道", 2),
    ("牵头化解信访积案一件", 2),
    ("为村集体引进项目落地投产", 3),
    ("捐资助学受到教育部门表彰", 1),
    ("见义勇为受到表彰", 5),
)
DEDUCTIONS: Final = (
    ("未按要求公开履职承诺", 1),
    ("走访记录经抽查与事实不符", 3),
    ("交办事项逾期未反馈", 2),
    ("违反会议纪律被通报", 2),
)
CAPS: Final = (
    ("受到党纪轻处分", "基本称职"),
    ("一年内两次被通报批评", "称职"),
    ("述职测评不满意票超过三成", "称职"),
)
UNGRADED_BASIS: Final = "因病长期请假，本年度不定等次"

# What leaders find amiss when they see to a station, by the item they check.
FINDINGS: Final[dict[str, tuple[str, ...]]] = {
    "点位": _listed(
        "设在二楼，老人上门不便 与村会议室混用，接待没有固定场所 位置偏僻，没有指引标识"
    ),
    "标牌": _listed("门牌褪色，字迹不清 代表信息栏还是上一届 监督电话有误 没有公示接待日"),
    "制度": _listed(
        "制度未上墙 没有代表向选民述职的安排 接待登记制度未更新 缺少意见办理的时限规定"
    ),
    "信息公开": _listed("代表承诺没有公开 意见办理结果未向群众反馈 履职积分没有按季公示"),
    "运行管理": _listed("接待记录不完整 本季度未按计划开展活动 档案未分类归档 没有专人值守"),
}


class Task(NamedTuple):
    """A task of the committee's year; without an indicator its progress is not measured.

    A share has its target in percent, whatever the size of the county.
    """

    task: str
    indicator: str
    target: int
    due: tuple[int, int]  # month and day
    lead: str

    @property
    def is_counted(self) -> bool:
        return self.indicator not in ("", "出席会议", "建议办理成效", "attend_session")


# Offices write indicators by name or by code.
PLAN: Final[dict[int, tuple[Task, ...]]] = {
    2023: (
        Task("县乡两级代表接待选民常态化", "接待选民", 1700, (12, 31), "代表工委"),
        Task("代表入户走访活动", "household_visit", 10000, (12, 31), "代表工委"),
        Task("广泛收集群众意见建议", "收集意见建议", 2000, (12, 31), "代表工委"),
        Task("法律政策宣讲进村湾进社区", "政策宣讲", 1500, (11, 30), "监察司法工委"),
        Task("共同缔造主题活动", "主题活动", 900, (12, 31), "代表工委"),
        Task("组织县乡代表向选民述职", "向选民述职", 600, (12, 31), "代表工委"),
        Task("提高代表建议办理成效", "建议办理成效", 80, (12, 31), "代表工委"),
        Task("提高代表出席会议率", "attend_session", 80, (12, 31), "办公室"),
        Task("库区水质保护视察和执法检查", "视察、执法检查", 450, (10, 31), "城环工委"),
        Task("守护一泓碧水行动组建工作专班", "", 5, (7, 31), "城环工委"),
        Task("建成市级代表服务中心", "", 1, (9, 30), "办公室"),
    ),
    2024: (
        Task("县乡两级代表接待选民常态化", "接待选民", 2600, (12, 31), "代表工委"),
        Task("代表入户走访活动", "household_visit", 16000, (12, 31), "代表工委"),
        Task("广泛收集群众意见建议", "收集意见建议", 2800, (12, 31), "代表工委"),
        Task("法律政策宣讲进村湾进社区", "政策宣讲", 2200, (11, 30), "监察司法工委"),
        Task("共同缔造主题活动", "主题活动", 1300, (12, 31), "代表工委"),
        Task("组织县乡代表向选民述职", "duty_report", 650, (12, 31), "代表工委"),
        Task("围绕柑橘产业和移民后扶开展专题调研", "专题调研", 500, (9, 30), "农业农村工委"),
        Task("代表履职能力培训", "学习培训", 750, (11, 30), "代表工委"),
        Task("提高代表建议办理成效", "建议办理成效", 80, (12, 31), "代表工委"),
        Task("第一轮阵地提升", "", 40, (10, 31), "代表工委"),
    ),
    2025: (
        Task("县乡两级代表接待选民常态化", "接待选民", 3400, (12, 31), "代表工委"),
        Task("代表入户走访活动", "household_visit", 20000, (12, 31), "代表工委"),
        Task("广泛收集群众意见建议", "收集意见建议", 3000, (12, 31), "代表工委"),
        Task("主题行动深入开展", "主题活动", 1800, (12, 31), "代表工委"),
        Task("组织县乡代表向选民述职", "向选民述职", 800, (12, 31), "代表工委"),
        Task("安全生产和水污染防治执法检查", "视察、执法检查", 900, (10, 31), "城环工委"),
        Task("养老服务和营商环境专题调研", "survey", 600, (9, 30), "财经工委"),
        Task("代表提出高质量建议", "suggestion_filed", 620, (11, 30), "代表工委"),
        Task("提高代表出席会议率", "出席会议", 85, (12, 31), "办公室"),
        Task("第二轮阵地提升", "", 44, (10, 31), "代表工委"),
    ),
    2026: (
        Task("县乡两级代表接待选民常态化", "接待选民", 3500, (12, 31), "代表工委"),
        Task("代表入户走访活动", "household_visit", 21000, (12, 31), "代表工委"),
        Task("广泛收集群众意见建议", "收集意见建议", 3600, (12, 31), "代表工委"),
        Task("法律政策宣讲进村湾进社区", "政策宣讲", 2600, (11, 30), "监察司法工委"),
        Task("主题行动深入开展", "主题活动", 1800, (12, 31), "代表工委"),
        Task("组织县乡代表向选民述职", "向选民述职", 850, (12, 31), "代表工委"),
        Task("代表履职能力培训", "学习培训", 700, (9, 30), "代表工委"),
        Task("水质保护和安全生产视察检查", "inspection", 900, (10, 31), "城环工委"),
        Task("代表提出高质量建议", "提出建议", 600, (10, 31), "代表工委"),
        Task("提高代表建议办理成效", "建议办理成效", 80, (12, 31), "代表工委"),
        Task("代表联络站数字化接待试点", "", 6, (11, 30), "办公室"),
    ),
}


class Problem(NamedTuple):
    """A problem as a campaign finds it: days that the law gives for it, who follows it up."""

    content: str
    limit: int
    taskforce: str


# The five task forces are the reservoir's; 共同缔造 has none.
PROBLEMS: Final[dict[str, tuple[Problem, ...]]] = {
    CLEAR_WATER: (
        Problem("库岸漂浮物和生活垃圾堆积", 15, "岸线清理专班"),
        Problem("违规垂钓和非法捕捞", 15, "巡查执法专班"),
        Problem("生活污水直排入库", 30, "排污整治专班"),
        Problem("畜禽养殖粪污外溢", 60, "农业面源专班"),
        Problem("河流断面水质波动", 60, "水质保护专班"),
        Problem("雨污管网混接", 90, "排污整治专班"),
        Problem("农药包装废弃物随意丢弃", 30, "农业面源专班"),
        Problem("违法占用岸线搭建棚屋", 90, "岸线清理专班"),
        Problem("企业在线监测数据异常", 30, "水质保护专班"),
        Problem("消落带违规耕种", 60, "巡查执法专班"),
    ),
    CO_CREATION: (
        Problem("小广场停工未完", 60, ""),
        Problem("公共厕所无人管护", 30, ""),
        Problem("房前屋后杂物堆放", 15, ""),
        Problem("村民议事决定未公示", 30, ""),
        Problem("微菜园荒废", 60, ""),
    ),
}


Odds = tuple[tuple[str, ...], tuple[float, ...]]


class Watched(NamedTuple):
    """A kind of object that 守护一泓碧水 watches over, as many as were published.

    `names` are whole names, or with `by_villages` what may be found at each village.
    """

    kind: str
    code: str
    published: int
    names: tuple[str, ...]
    by_villages: bool
    methods: Odds
    states: Odds


WATCHED: Final = (
    Watched(
        "监测断面",
        "DM",
        23,
        _listed(
            "坝前断面 库心断面 陶岔方向断面 均州湖断面 羊山岛断面 汉江入库断面 丹库湾断面 汉库湾断面 "
            "浪河入库断面 官山河入库断面 剑河入库断面 凉水河入库断面 石鼓河入库断面 盐池河交界断面 "
            "六里坪河交界断面 习家店沟口断面 龙山咀断面 蒿坪河断面 土关垭河断面 均县河口断面 "
            "饮用水源地一级断面 饮用水源地二级断面 右岸取水口断面"
        ),
        False,
        (("自动站连续监测", "每月采样", "每季采样"), (0.5, 0.4, 0.1)),
        (("达标", "波动"), (0.93, 0.07)),
    ),
    Watched(
        "排污口",
        "PW",
        538,
        _listed("生活污水排口 雨水排口 农田退水口 养殖尾水口 污水处理站排口 企业排口"),
        True,
        (("每月巡查", "每季巡查", "取样监测"), (0.5, 0.32, 0.18)),
        (("规范运行", "正在整治", "已封堵"), (0.83, 0.09, 0.08)),
    ),
    Watched(
        "入库河流",
        "HL",
        51,
        _listed(
            "浪河 官山河 剑河 汉江 凉水河 石鼓河 盐池河 六里坪河 土关垭河 蒿坪河 均县河 大沟河 白杨坪河 "
            "安乐河 曹家河 青石河 柳树沟河 白龙泉河 黄家湾河 龙家河 油坊岭河 枣园河 茯苓沟河 双庙河 "
            "石桥河 银洞河 茶亭河 八亩河 清水河 三岔河 金竹河 小寨河 凤凰河 杨家川河 老君河 土桥河 石门河 "
            "关门河 松树河 七里河 莲花河 月亮河 黑虎河 鲁家河 江北河 沙陀河 水田河 橘乡河 梅子河 高庙河 铜鼓河"
        ),
        False,
        (("河长巡河", "代表巡河", "每月采样"), (0.5, 0.3, 0.2)),
        (("达标", "波动"), (0.92, 0.08)),
    ),
    Watched(
        "在线监控企业",
        "QY",
        126,
        _listed("食品公司 汽配公司 建材公司 生物科技公司 水产公司 污水处理厂"),
        True,
        (("在线监测联网", "在线监测加现场检查"), (0.8, 0.2)),
        (("正常", "检修", "停产", "数据异常"), (0.88, 0.05, 0.05, 0.02)),
    ),
    Watched(
        "监控探头",
        "TT",
        234,
        _listed("码头探头 河口探头 消落带探头 钓点探头 排口探头 大桥探头"),
        True,
        (("视频巡查", "自动抓拍"), (0.62, 0.38)),
        (("在线", "离线", "维修"), (0.92, 0.05, 0.03)),
    ),
)
