"""The catalogue as the documents have it (R83–R110), to be copied into a project.

Pure data. A project's own catalogue is edited in the admin; changing this file changes
no project.
"""

from typing import NamedTuple

from proctoring.enums import Chapter, Sanction

VERSION = "2022-04"


class Entry(NamedTuple):
    """One article: where it stands, what it says, and what follows from it."""

    requirement: str
    code: str
    label_zh: str
    chapter: Chapter
    text_zh: str
    text_en: str
    sanction: Sanction = Sanction.VOID


_D, _C, _L = Chapter.DISCIPLINE, Chapter.CHEATING, Chapter.FOUND_LATER
_NONE = Sanction.NONE
ENTRIES = (
    Entry(
        "R83",
        "1.1",
        "第一条（一）",
        _D,
        "所处考试环境同时出现其他人的",
        "Another person is present in the exam environment.",
    ),
    Entry(
        "R84",
        "1.2",
        "第一条（二）",
        _D,
        "使用快捷键切屏、截屏退出考试系统或多屏登录考试端的",
        "Switches screens by shortcut key, leaves the exam by a screenshot, or logs in "
        "on several screens.",
    ),
    Entry(
        "R85",
        "1.3",
        "第一条（三）",
        _D,
        "离开座位、离开监控视频范围、遮挡摄像头的",
        "Leaves the seat or the picture, or covers the camera.",
    ),
    Entry(
        "R86",
        "1.4",
        "第一条（四）",
        _D,
        "有对外传递物品行为的",
        "Passes objects to somebody outside.",
    ),
    Entry(
        "R87",
        "1.5",
        "第一条（五）",
        _D,
        "佩戴耳机的（不可使用扩音器）",
        "Wears headphones (an amplifier may not be used either).",
    ),
    Entry(
        "R88",
        "1.6",
        "第一条（六）",
        _D,
        "有遮挡面部（戴口罩）行为的",
        "Covers the face, for example with a mask.",
    ),
    Entry(
        "R89",
        "1.7",
        "第一条（七）",
        _D,
        "未经允许强行退出考试软件的",
        "Forces the exam software to quit without permission.",
    ),
    Entry(
        "R90",
        "1.8",
        "第一条（八）",
        _D,
        "其他应当视为本场考试违纪的行为",
        "Other conduct that counts as a breach of discipline in this exam.",
    ),
    Entry(
        "R91",
        "2.1",
        "第二条（一）",
        _C,
        "伪造资料、身份信息替代他人或被替代参加考试的",
        "Forges material or identity to sit for another person or to be sat for.",
    ),
    Entry(
        "R92",
        "2.2",
        "第二条（二）",
        _C,
        "非考生本人登录考试系统参加考试，或登录系统后由他人代考或代他人面试的",
        "Somebody else logs in, or another person answers after the login.",
    ),
    Entry(
        "R93",
        "2.3",
        "第二条（三）",
        _C,
        "浏览网页、在线查询、翻阅电脑和手机存储资料，查看电子影像资料的",
        "Browses web pages, searches online, looks through files on computer or phone, "
        "or views electronic images.",
    ),
    Entry(
        "R94",
        "2.4",
        "第二条（四）",
        _C,
        "翻阅书籍、文件、纸质资料的",
        "Looks through books, documents or papers.",
    ),
    Entry(
        "R95",
        "2.5",
        "第二条（五）",
        _C,
        "未经许可接触和使用通讯工具如手机、蓝牙设备等，使用各类聊天软件或远程工具的",
        "Touches or uses a phone, a bluetooth device, chat software or a remote tool "
        "without permission.",
    ),
    Entry(
        "R96",
        "2.6",
        "第二条（六）",
        _C,
        "其他应当视为本场考试作弊的行为",
        "Other conduct that counts as cheating in this exam.",
    ),
    Entry(
        "R97",
        "3.1",
        "第三条（一）",
        _L,
        "拍摄、抄录、传播试题内容的",
        "Photographs, copies or spreads the questions.",
    ),
    Entry(
        "R98",
        "3.2",
        "第三条（二）",
        _L,
        "串通作弊或者参与有组织作弊的",
        "Colludes, or takes part in organised cheating.",
    ),
    Entry(
        "R99",
        "3.3",
        "第三条（三）",
        _L,
        "不当行为导致试题泄露或造成重大社会影响的",
        "Causes a leak of the questions or serious effects in public.",
    ),
    Entry(
        "R100",
        "3.4",
        "第三条（四）",
        _L,
        "经后台监考发现，确认有其他违纪、舞弊行为的",
        "Another breach found by the proctors and confirmed.",
    ),
    Entry(
        "R101",
        "3.5",
        "第三条（五）",
        _L,
        "若发现有疑似违纪、舞弊等行为，考试结束后由考务人员根据考试数据、监考记录、"
        "系统日志等多种方式进行判断，其结果实属违纪、舞弊的",
        "A suspicion that exam staff, judging after the exam by its data, the "
        "proctors' records and the logs, find to be a breach.",
    ),
    Entry(
        "R102",
        "3.6",
        "第三条（六）",
        _L,
        "其他应认定为作弊的行为",
        "Other conduct that is to be found as cheating.",
    ),
    Entry(
        "R103",
        "4",
        "第四条",
        Chapter.CONSEQUENCE,
        "考生有第一条所列考试违纪行为之一的，取消面试成绩",
        "Any breach of discipline under article 1: the score is cancelled.",
    ),
    Entry(
        "R104",
        "5",
        "第五条",
        Chapter.CONSEQUENCE,
        "考生有第二条、第三条所列考试舞弊行为之一的，取消面试成绩。"
        "情节严重的追究相关责任",
        "Any cheating under articles 2 or 3: the score is cancelled. Grave cases are "
        "pursued further.",
    ),
    Entry(
        "R105",
        "6",
        "第六条",
        Chapter.EVIDENCE,
        "如考生因电脑设备、网络、个人行为等问题，导致电脑端和移动端考试视频数据缺失，"
        "而影响考官进行评分的，取消本场面试成绩",
        "Device, network or conduct leaves video of computer or phone missing, so that "
        "examiners cannot score.",
    ),
    Entry(
        "R106",
        "7",
        "第七条",
        Chapter.EVIDENCE,
        "面试过程中，未按要求录制真实、有效的移动端佐证视频，影响判断考生行为的，"
        "取消本场面试成绩",
        "No true and effective phone video as required, so that conduct cannot be "
        "judged.",
    ),
    Entry(
        "R107",
        "8",
        "第八条",
        Chapter.EVIDENCE,
        "面试过程中，如视频拍摄角度不符合要求、无故中断视频录制等，影响考官进行评分的，"
        "由考生自行承担后果。进行才艺展示的考生，可在规定时间内不终止面试录像前提下，"
        "调整摄像角度，但才艺展示的全过程必须在视频范围内",
        "A bad angle or a break in the recording affects scoring: the candidate bears "
        "it. For a talent show the camera may be re-aimed within the set time without "
        "stopping, the whole act in the picture.",
        _NONE,
    ),
    Entry(
        "R108",
        "9",
        "第九条",
        Chapter.DUTY,
        "因考生设备硬件故障、断电断网等问题，导致面试视频无法正常上传，考生应在面试结束后"
        "30分钟内联系技术服务热线，否则由考生自行承担后果",
        "A fault that keeps the video from being uploaded is to be reported to the "
        "hotline within 30 minutes after the end.",
        _NONE,
    ),
    Entry(
        "R109",
        "10",
        "第十条",
        Chapter.DUTY,
        "因考生设备硬件故障、系统更新、断电断网等问题导致考试无法正常进行的，考试时间不做"
        "延长，亦不做补考处理",
        "For faults of the candidate's device, power or network no time is added and "
        "no second sitting is given.",
        _NONE,
    ),
    Entry(
        "R110",
        "0",
        "前言",
        Chapter.PREFACE,
        "逾期未登录进入考试页面，视为放弃面试资格；有所列情形之一的，"
        "取消面试资格或面试成绩",
        "Who does not log in and enter in time has given up the interview; the listed "
        "acts cost the right to the interview or the score.",
        Sanction.BAR,
    ),
)
